"""A person with an account: what others read about them, and who may write to them first."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.clock import now
from accounts.handles import new_handle
from accounts.search_words import name_key, search_columns


class MemberQuerySet(models.QuerySet["Member"]):
    def active(self) -> "MemberQuerySet":
        return self.filter(is_active=True)


class MemberManager(BaseUserManager["Member"].from_queryset(MemberQuerySet)):  # type: ignore[misc]
    use_in_migrations = True

    def get_by_natural_key(self, email: str | None) -> "Member":
        return self.get(email=(email or "").lower())

    @transaction.atomic
    def create_user(self, *, email: str, name: str, password: str | None = None, **fields: Any) -> "Member":
        """A member with the profile and the reach that every member has. No password: sign in by code."""
        member: Member = self.model(email=email.lower(), name=name, **fields)
        member.name_folded = name_key(name)
        member.handle = member.handle or new_handle(name)
        member.joined_at = member.joined_at or now()
        member.set_password(password)
        member.save(using=self._db)
        Profile.objects.create(member=member, **search_columns(name=name))
        Reach.objects.create(member=member)
        return member

    def create_superuser(self, *, email: str, name: str, password: str | None = None, **fields: Any) -> "Member":
        return self.create_user(email=email, name=name, password=password, is_staff=True, is_superuser=True, **fields)


class Member(AbstractBaseUser, PermissionsMixin):
    """Signs in by e-mail; known to others by name and handle. Deactivated, never deleted."""

    handle = models.CharField(_("handle"), max_length=40, unique=True)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=100)
    # Folded in Python, because SQLite's LOWER and order know ASCII only.
    name_folded = models.CharField(max_length=200, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=16, default="en")
    joined_at = models.DateTimeField(_("joined"))
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("A deactivated member cannot sign in and takes no messages.")
    )
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May open the console."))

    objects = MemberManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        indexes = [
            # The directory's order and its keyset pages.
            models.Index("name_folded", "id", name="accounts_member_by_name"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="accounts_member_has_a_name"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="accounts_member_email_is_lowercase"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("messaging:profile", args=[self.handle])

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Profile(models.Model):
    """What a member tells other members about themselves."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="profile")
    headline = models.CharField(_("headline"), max_length=160, blank=True)
    company = models.CharField(_("company"), max_length=100, blank=True)
    location = models.CharField(_("place"), max_length=100, blank=True)
    about = models.TextField(_("about"), max_length=2_000, blank=True)
    # Folded words for the directory, made by accounts.search_words.search_columns; search_text is
    # of name, headline, company and place.
    search_text = models.CharField(max_length=1_000, editable=False, default="")
    company_words = models.CharField(max_length=1_000, editable=False, default="")
    place_words = models.CharField(max_length=1_000, editable=False, default="")

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return str(self.member)


class Reach(models.Model):
    """One row a member. Open Profile is a wish that counts while the plan allows it."""

    class Who(models.TextChoices):
        EVERYONE = "everyone", _("Everyone")
        PREMIUM = "premium", _("Premium members")
        NOBODY = "nobody", _("Nobody new")

    class Tray(models.TextChoices):
        REQUESTS = "requests", _("Requests")
        INBOX = "inbox", _("Inbox")

    class RequestsMail(models.TextChoices):
        EACH = "each", _("One for each")
        DAILY = "daily", _("One a day, with all of them")
        NONE = "none", _("None")

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="reach")
    who = models.CharField(_("who may write first"), max_length=8, choices=Who, default=Who.EVERYONE)
    first_contacts_land = models.CharField(
        _("where first messages wait"), max_length=8, choices=Tray, default=Tray.REQUESTS
    )
    wants_open_profile = models.BooleanField(_("Open Profile"), default=False)
    # New people who may write, at most; empty = as many as the site allows anybody.
    cap_day = models.PositiveSmallIntegerField(_("new people a day"), null=True, blank=True)
    cap_week = models.PositiveSmallIntegerField(_("new people a week"), null=True, blank=True)
    # A full cap then looks like taking no messages from new people.
    hides_caps = models.BooleanField(_("hide when it is full"), default=False)
    # Counted, without a name, in the senders' share of opened messages.
    shares_receipts = models.BooleanField(_("count me when I open a message"), default=True)
    requests_mail = models.CharField(
        _("mail about requests"), max_length=5, choices=RequestsMail, default=RequestsMail.EACH
    )
    wants_message_mail = models.BooleanField(_("mail about new messages"), default=True)
    uses_shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)

    class Meta:
        verbose_name = _("reach")
        verbose_name_plural = _("reach")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(who__in=["everyone", "premium", "nobody"]), name="accounts_reach_is_a_known_choice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_who_display()}"
