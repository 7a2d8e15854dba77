"""Every setting of `SitePolicy` with its label, its range and its readings: the one place that judges values.

Catalog files and the console's form ask `faults`; neither knows a range of its own (domain 4.1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Purpose
from accounts.setting import Setting, choice, number, switch
from accounts.site_policy import ANSWERS, SitePolicy

ANSWER_WORDS = {
    "reply": gettext_lazy("an answer in words"),
    "accept": gettext_lazy("Accept"),
    "interested": gettext_lazy("Interested"),
    "later": gettext_lazy("Maybe later"),
    "no_thanks": gettext_lazy("No thanks"),
    "wrong_person": gettext_lazy("Wrong person"),
    "stop": gettext_lazy("Stop writing to me"),
}
REACH_WORDS = {
    "everyone": gettext_lazy("everyone"),
    "premium": gettext_lazy("premium members"),
    "nobody": gettext_lazy("nobody"),
}
YEARS = 24 * 3_660


GROUPS: tuple[tuple[str | Promise, tuple[Setting, ...]], ...] = (
    (
        gettext_lazy("What an InMail costs"),
        (
            number("inmail_cost", gettext_lazy("Credits for an InMail"), 1, 10),
            Setting(name="inmail_cost_by_purpose", label=gettext_lazy("Credits by purpose"), kind="costs"),
            choice(
                "charge_unit",
                gettext_lazy("What is paid for"),
                until_answered=gettext_lazy("each InMail, until there is an answer"),
                conversation=gettext_lazy("the conversation: follow-ups are free"),
                message=gettext_lazy("each message of whoever started it, also after an answer"),
            ),
            switch("inmail_to_connections", gettext_lazy("InMail to connections may be chosen")),
            switch("credits_without_plan", gettext_lazy("Credits can be used without a plan")),
        ),
    ),
    (
        gettext_lazy("When a credit comes back"),
        (
            switch("return_enabled", gettext_lazy("Credits come back when the recipient answers")),
            number("return_window_hours", gettext_lazy("Hours for the answer"), 1, YEARS, may_be_none=True),
            Setting(
                name="return_on",
                label=gettext_lazy("Answers that give it back"),
                kind="set",
                words={answer: ANSWER_WORDS[answer] for answer in ANSWERS},
            ),
            number("return_grace_hours", gettext_lazy("Hours a late return lives"), 1, YEARS),
            switch("return_when_recipient_gone", gettext_lazy("Also when the recipient closes the account")),
            switch("return_restores_allowance", gettext_lazy("A return restores the seat's allowance")),
        ),
    ),
    (
        gettext_lazy("Plans and packs"),
        (
            choice(
                "on_upgrade",
                gettext_lazy("Plan credits on an upgrade"),
                forfeit=gettext_lazy("end"),
                keep=gettext_lazy("stay"),
            ),
            choice(
                "cancel_effect",
                gettext_lazy("A cancellation takes effect"),
                term_end=gettext_lazy("at the end of the term"),
                at_once=gettext_lazy("at once"),
            ),
            choice(
                "purchased_on_cancel",
                gettext_lazy("Bought credits when the plan ends"),
                keep=gettext_lazy("stay"),
                forfeit=gettext_lazy("end"),
            ),
            number("payment_grace_days", gettext_lazy("Days of grace for a late payment"), 0, 60),
            switch("packs_enabled", gettext_lazy("Credits are sold")),
            switch("packs_need_plan", gettext_lazy("Buying credits needs a plan")),
            number("pack_life_months", gettext_lazy("Months bought credits live"), 1, 120, may_be_none=True),
            number("pack_life_days", gettext_lazy("Days bought credits live"), 1, 3_660, may_be_none=True),
            number("promo_life_days", gettext_lazy("Days promotional credits live"), 1, 3_660),
            number("referral_bonus", gettext_lazy("Credits for a referral"), 0, 1_000),
        ),
    ),
    (
        gettext_lazy("Teams and staff"),
        (
            choice(
                "reallocation",
                gettext_lazy("Team admins may reassign and park seats"),
                admin=gettext_lazy("yes"),
                off=gettext_lazy("no"),
            ),
            number(
                "reallocations_per_30_days",
                gettext_lazy("Changes of seats in 30 days (none = as many as seats)"),
                0,
                100_000,
                may_be_none=True,
            ),
            number("adjust_direct_limit", gettext_lazy("Credits one person may adjust at a time"), 0, 100_000),
            number("adjust_daily_limit", gettext_lazy("Credits one person may adjust in a day"), 0, 1_000_000),
        ),
    ),
    (
        gettext_lazy("Who may write, and about what"),
        (
            Setting(
                name="reach_choices",
                label=gettext_lazy("Choices of who may write first"),
                kind="set",
                words=REACH_WORDS,
            ),
            choice("default_reach", gettext_lazy("Who may write first to new members"), **REACH_WORDS),
            switch("premium_reaches_premium", gettext_lazy("Premium members reach one another")),
            choice(
                "first_contact_lands",
                gettext_lazy("First contacts of new members land in"),
                requests=gettext_lazy("Requests"),
                inbox=gettext_lazy("the Inbox"),
            ),
            Setting(name="purposes", label=gettext_lazy("Purposes offered"), kind="set", words=dict(Purpose.choices)),
            switch("context_required", gettext_lazy("A reason must be given")),
            number("follow_up_gap_days", gettext_lazy("Days before a follow-up"), 3, 28),
            number("max_unanswered", gettext_lazy("InMail without an answer, at most"), 1, 3),
            number("decline_closes_days", gettext_lazy("Days a no counts"), 1, 3_660, may_be_none=True),
            number("introduction_days", gettext_lazy("Days an introduction waits"), 1, 90),
            number("reminder_after_days", gettext_lazy("Days before the recipient is reminded"), 1, 28),
        ),
    ),
    (
        gettext_lazy("Limits"),
        (
            number("recipient_cap_day", gettext_lazy("New people who may write to a member in a day"), 1, 1_000),
            number("recipient_cap_week", gettext_lazy("New people who may write to a member in a week"), 1, 7_000),
            number("open_profile_daily_cap", gettext_lazy("Messages to Open Profiles a day"), 0, 1_000),
            number("new_account_days", gettext_lazy("Days an account is new"), 0, 365),
            number("new_account_daily_cap", gettext_lazy("Outreach a day of a new account"), 0, 1_000),
        ),
    ),
    (
        gettext_lazy("Repeated texts and answers"),
        (
            number("duplicate_similarity_percent", gettext_lazy("Texts are alike from, in percent"), 50, 100),
            number("duplicate_warn_at", gettext_lazy("Warn when a text is like so many others"), 1, 1_000),
            number("duplicate_hold_at", gettext_lazy("Hold when a text is like so many others"), 1, 1_000),
            number("duplicate_window_days", gettext_lazy("Days of texts that are compared"), 1, 28),
            number("quality_floor_percent", gettext_lazy("Answers that are too few, in percent"), 1, 50),
            number("quality_min_sent", gettext_lazy("Outreach before answers are judged"), 20, 10_000),
            number("quality_window_days", gettext_lazy("Days of outreach that are judged"), 1, 90),
            number("quality_maturity_days", gettext_lazy("Days before outreach is judged"), 1, 28),
            number("ladder_reset_days", gettext_lazy("Days a decision counts for the next"), 1, 3_660),
        ),
    ),
    (
        gettext_lazy("Connections"),
        (
            number("invitations_per_week", gettext_lazy("Invitations a week"), 0, 100_000, may_be_none=True),
            number("max_connections", gettext_lazy("Connections, at most"), 1, 10_000_000, may_be_none=True),
            number("invitation_max_degree", gettext_lazy("Furthest degree to invite"), 3, 3, may_be_none=True),
            number(
                "connection_starts_per_day",
                gettext_lazy("Conversations with connections started a day"),
                0,
                100_000,
                may_be_none=True,
            ),
        ),
    ),
    (
        gettext_lazy("Texts and times"),
        (
            number("subject_max", gettext_lazy("Characters in a subject"), 1, 200),
            number("body_max", gettext_lazy("Characters in a message"), 1, 2_000),
            number("body_max_bytes", gettext_lazy("Bytes in a message"), 1, 8_000),
            number("undo_seconds", gettext_lazy("Seconds to undo"), 0, 300),
            number("take_back_seconds", gettext_lazy("Seconds to take an answer back"), 0, 300),
            number("exchange_minutes", gettext_lazy("Minutes to exchange an answer"), 0, 1_440),
            number("request_days", gettext_lazy("Days in Requests"), 1, 365),
        ),
    ),
)
SETTINGS: dict[str, Setting] = {setting.name: setting for _title, group in GROUPS for setting in group}


def faults(settings: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with these settings, a sentence by name; those left out count with their defaults."""
    unknown = {name: _("There is no such setting.") for name in sorted(settings.keys() - SETTINGS.keys())}
    unfit = {
        name: SETTINGS[name].range_words
        for name, value in settings.items()
        if name in SETTINGS and not SETTINGS[name].fits(value)
    }
    return unknown | unfit or _contradictions(DEFAULTS | dict(settings))


def _contradictions(settings: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    if settings["default_reach"] not in settings["reach_choices"]:
        found["default_reach"] = _("New members get a choice that everybody has.")
    if (settings["pack_life_months"] is None) == (settings["pack_life_days"] is None):
        found["pack_life_days"] = _("Bought credits live for months or for days: exactly one of the two.")
    if settings["duplicate_hold_at"] < settings["duplicate_warn_at"]:
        found["duplicate_hold_at"] = _("A text is warned about before it is held.")
    if settings["recipient_cap_week"] < settings["recipient_cap_day"]:
        found["recipient_cap_week"] = _("A week takes at least what a day takes.")
    return found


def differences(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What a version stores: only what differs from the defaults, with lists for sets, in the settings' order."""
    return {
        name: list(settings[name]) if isinstance(settings[name], tuple) else settings[name]
        for name in SETTINGS
        if name in settings and settings[name] != DEFAULTS[name]
    }


def _defaults() -> dict[str, Any]:
    standard = SitePolicy(version=0)
    return {setting.name: getattr(standard, setting.name) for setting in fields(standard) if setting.name != "version"}


DEFAULTS: dict[str, Any] = _defaults()


@dataclass(frozen=True, kw_only=True)
class Changed:
    """One setting that differs, as staff read it."""

    name: str
    label: str
    was: str
    will_be: str


def changed(was: SitePolicy, will_be: SitePolicy) -> list[Changed]:
    """What differs between two policies, in the settings' order."""
    return list(_changed(was, will_be, SETTINGS.values()))


def _changed(was: SitePolicy, will_be: SitePolicy, settings: Iterable[Setting]) -> Iterable[Changed]:
    for setting in settings:
        before, after = getattr(was, setting.name), getattr(will_be, setting.name)
        if before != after:
            yield Changed(
                name=setting.name,
                label=str(setting.label),
                was=setting.shown(before),
                will_be=setting.shown(after),
            )
