"""How two members stand to one another: invited, connected, blocked, asked to stop."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .member import Member
from .team import Team


class Connection(models.Model):
    """Two members joined by an accepted invitation; one row a pair, the smaller id first."""

    low = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    # The index of `high` answers "who is connected with me" from the other end.
    high = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    connected_at = models.DateTimeField(_("connected"))

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="accounts_one_connection_per_pair"),
            models.CheckConstraint(
                condition=models.Q(low__lt=models.F("high")), name="accounts_connection_smaller_id_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.low} – {self.high}"


class Invitation(models.Model):
    """A request to connect. One may be pending in each direction."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        IGNORED = "ignored", _("Ignored")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    sender = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="invitations_sent")
    recipient = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="invitations_received")
    note = models.CharField(_("note"), max_length=300, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    sent_at = models.DateTimeField(_("sent"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        indexes = [
            # The invitations page, both ways, and the weekly limit.
            models.Index(fields=["recipient", "state", "-sent_at"], name="accounts_invitation_received"),
            models.Index(fields=["sender", "-sent_at"], name="accounts_invitation_sent"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "recipient"],
                condition=models.Q(state="pending"),
                name="accounts_one_pending_invitation_each_way",
            ),
            models.CheckConstraint(
                condition=~models.Q(sender=models.F("recipient")), name="accounts_nobody_invites_themselves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender} → {self.recipient}"


class Block(models.Model):
    """A silent separation: while it stands neither can write to the other."""

    blocker = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="blocks_made")
    blocked = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="blocks_suffered")
    blocked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="accounts_blocked_once"),
            models.CheckConstraint(
                condition=~models.Q(blocker=models.F("blocked")), name="accounts_nobody_blocks_themselves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.blocker} × {self.blocked}"


class StopRequest(models.Model):
    """A told request not to write again; binds the sender until the recipient lifts it or writes.

    Told to somebody who wrote for a team, it binds every seat of that team, and outlives the seat (domain 7.5).
    """

    recipient = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="stops_made")
    sender = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="stops_heard")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="stops_heard")
    asked_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("stop request")
        verbose_name_plural = _("stop requests")
        indexes = [
            # Whether an organisation was asked to stop by a recipient.
            models.Index(
                fields=["team", "recipient"], condition=models.Q(lifted_at=None), name="accounts_stop_of_team"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "sender"],
                condition=models.Q(lifted_at=None),
                name="accounts_one_standing_stop_per_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} ⊣ {self.sender}"
