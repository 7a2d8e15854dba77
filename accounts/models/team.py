"""An organisation that pays for several people: who administers it, who holds its seats, and how that changed."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.public_ids import new_public_id

from .member import Member


class Team(models.Model):
    name = models.CharField(_("name"), max_length=80)
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    founded_at = models.DateTimeField(_("founded"))

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="accounts_team_has_a_name")]

    def __str__(self) -> str:
        return self.name


class TeamAdmin(models.Model):
    """Looks after a team's seats, with or without a seat of one's own."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="admins")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="team_admin_of")
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("team admin")
        verbose_name_plural = _("team admins")
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=models.Q(until=None),
                name="accounts_a_member_administers_one_team",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team}: {self.member}"


class SeatQuerySet(models.QuerySet["Seat"]):
    def held(self) -> "SeatQuerySet":
        """Somebody's now, parked ones too: each takes one of the licences that are paid for."""
        return self.filter(left_at=None)

    def active(self) -> "SeatQuerySet":
        """Held and not parked: may spend, and counts for the next allotment."""
        return self.held().filter(parked_at=None)


class Seat(models.Model):
    """One member's licence in a team. Given to somebody else, it is a new row: the old one keeps its history."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="seats")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="seats")
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    assigned_at = models.DateTimeField(_("since"))
    parked_at = models.DateTimeField(_("parked"), null=True, blank=True)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    # Most credits a period; empty = the allotment of one seat.
    allowance = models.PositiveIntegerField(_("allowance"), null=True, blank=True)
    is_unlimited = models.BooleanField(_("no limit"), default=False)

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        indexes = [
            # A renewal counts the active seats of its teams.
            models.Index(
                fields=["team"], condition=models.Q(left_at=None, parked_at=None), name="accounts_seat_active"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=models.Q(left_at=None), name="accounts_a_member_holds_one_seat"
            ),
            models.CheckConstraint(
                condition=models.Q(is_unlimited=False) | models.Q(allowance=None),
                name="accounts_a_seat_has_a_limit_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team}: {self.member}"

    @property
    def is_parked(self) -> bool:
        return self.parked_at is not None


class SeatMove(models.Model):
    """What a team admin did to a seat: the limit of moves in 30 days counts these."""

    class Kind(models.TextChoices):
        ASSIGN = "assign", _("Given")
        REMOVE = "remove", _("Taken back")
        REASSIGN = "reassign", _("Given to somebody else")
        PARK = "park", _("Parked")
        UNPARK = "unpark", _("Taken up again")
        ALLOWANCE = "allow", _("Allowance changed")

    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="moves")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(max_length=8, choices=Kind)
    moved_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("seat move")
        verbose_name_plural = _("seat moves")
        indexes = [
            # The limit of moves in 30 days, and the team's history, newest first.
            models.Index(fields=["team", "-moved_at"], name="accounts_seat_moves_of_team"),
        ]

    def __str__(self) -> str:
        return f"{self.seat}: {self.get_kind_display()}"


class SeatInvitation(models.Model):
    """A seat offered to an address; whoever signs in with that confirmed address may take it."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="invitations")
    address = models.EmailField(_("e-mail"), max_length=254)
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    invited_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(_("invited"))
    expires_at = models.DateTimeField(_("until"))
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    # The seat whose licence is given on: the move was counted when that seat ended.
    replaces = models.ForeignKey(Seat, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("seat invitation")
        verbose_name_plural = _("seat invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "address"],
                condition=models.Q(taken_at=None, withdrawn_at=None),
                name="accounts_one_open_seat_invitation_per_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team}: {self.address}"

    def is_open(self, at: datetime) -> bool:
        return self.taken_at is None and self.withdrawn_at is None and at < self.expires_at
