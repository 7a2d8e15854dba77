"""Credits that are given: by a code, to a campaign's audience, for an answered survey, for bringing a member."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.public_ids import new_public_id

from .order import Order


class Promotion(models.Model):
    """A window, an audience, an amount and a life; once per person, and at most `total_limit` in all."""

    class Kind(models.TextChoices):
        CODE = "code", _("Code")
        CAMPAIGN = "campaign", _("Campaign")
        SURVEY = "survey", _("Survey")

    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("Every member")
        FREE = "free", _("Members without a plan")
        PREMIUM = "premium", _("Members with a plan")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.CODE)
    name = models.CharField(_("name"), max_length=80)
    # What members type, folded to upper case; campaigns and surveys have one for staff's eyes only.
    code = models.CharField(_("code"), max_length=40, unique=True)
    credits = models.PositiveIntegerField(_("credits"))
    # Empty = the site's `promo_life_days`.
    life_days = models.PositiveIntegerField(_("days the credits live"), null=True, blank=True)
    audience = models.CharField(_("for"), max_length=8, choices=Audience, default=Audience.EVERYONE)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    # Members in all; empty = no limit. `taken` counts under this row's lock.
    total_limit = models.PositiveIntegerField(_("members in all"), null=True, blank=True)
    taken = models.PositiveIntegerField(_("taken"), default=0)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        constraints = [
            models.CheckConstraint(condition=models.Q(credits__gt=0), name="billing_a_promotion_gives_something"),
            models.CheckConstraint(
                condition=models.Q(starts_at__lt=models.F("ends_at")), name="billing_a_promotion_lasts_some_time"
            ),
            models.CheckConstraint(
                condition=models.Q(total_limit=None) | models.Q(taken__lte=models.F("total_limit")),
                name="billing_a_promotion_keeps_its_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PromotionUse(models.Model):
    """Once per person: `person` is the address with +tags and dots folded, hashed (reliability A27)."""

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="uses")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="promotion_uses")
    person = models.CharField(max_length=64)
    used_at = models.DateTimeField(_("used"))

    class Meta:
        verbose_name = _("use of a promotion")
        verbose_name_plural = _("uses of promotions")
        constraints = [
            models.UniqueConstraint(fields=["promotion", "member"], name="billing_one_use_per_member"),
            models.UniqueConstraint(fields=["promotion", "person"], name="billing_one_use_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.promotion}: {self.member}"


class ReferralLink(models.Model):
    """The link by which a member brings others."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="referral_link")
    code = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)

    class Meta:
        verbose_name = _("referral link")
        verbose_name_plural = _("referral links")

    def __str__(self) -> str:
        return self.code


class Referral(models.Model):
    """Who brought whom. The bonus is given with the referred member's first paid plan (domain 5.10)."""

    referrer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="referrals")
    referred = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="referred_by")
    joined_at = models.DateTimeField(_("joined"))
    # The payment that earned the bonus; taken back if repaid within 30 days.
    order = models.OneToOneField(Order, on_delete=models.PROTECT, null=True, blank=True, related_name="referral")
    earned_at = models.DateTimeField(_("earned"), null=True, blank=True)
    clawed_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(referrer=models.F("referred")), name="billing_nobody_refers_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referrer}: {self.referred}"
