"""A valid form for every address that takes text or choices, and what an attacker types into it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.apps import apps
from django.db import models

from accounts.models import Member
from accounts.public_ids import new_public_id
from billing.models import PlanVersion, Promotion
from messaging.drafts import new_send_key
from messaging.quotes import Quote
from messaging.verdicts import verdict_for
from tests.site_map import POLYGLOT, Community

MakeMember = Callable[..., Member]

NUL = "a\x00b"
# What is taken or refused by one rule each; the answer is a page either way.
NASTY = {
    "nul": NUL,
    "right-to-left override": "abc\u202edcba",
    "zero width": "\u200b\u200b",
    "braille blank": "\u2800\u2800",
    "hangul filler": "\u3164",
    "201": "x" * 201,
    "2001": "é" * 2_001,
    "family": "👩‍👩‍👧‍👦" * 30,
    "pile": "a" + "\u0301" * 200,
    "lines": "one\r\ntwo\rthree\u2028four\u0085five\x0bsix",
    "markup": POLYGLOT,
    "template": "{{ 7*7 }}{% debug %}${7*7}#{7*7}",
    "formula": "=cmd|' /C calc'!A0",
    "like": "%_%\\",
    "digits": "１２３",
    "huge": "9" * 5_000,
    "float": "1e999",
    "nan": "NaN",
    "json": '{"$gt": ""}',
    "quote": "' OR 1=1; --",
    "half": "\udcff",
    "noncharacter": "\ufffe\uffff",
}


def forms(of: Community, at: datetime) -> dict[str, tuple[Member | None, dict[str, str]]]:
    """By name: who posts, and a form as a page would send it."""
    quote = Quote.of(verdict_for(of.author, of.friend, purpose="job_offer", at=at)).as_hidden()
    later = Quote.of(verdict_for(of.reader, of.friend, at=at)).as_hidden() | {
        "send_at": "2026-11-24T09:00",
        "sending_for": "",
    }
    words = {"purpose": "job_offer", "subject": "Platform lead", "body": "Would you talk to us?", "reason": ""}
    profile = {"name": "Tomas Lind", "handle": "tomas-lind", "headline": "Engineer", "company": "Elbe"}
    place = {"location": "Berlin", "about": "I build.", "time_zone": "Europe/Berlin", "language": "de"}
    terms = str(PlanVersion.objects.filter(plan__code="premium-career").latest("pk").pk)
    adjust = {"amount": "3", "life_days": "30", "reason": "Sorry", "evidence": "", "form_key": new_public_id()}
    Promotion.objects.create(name="Autumn", code="AUTUMN", credits=3, starts_at=at, ends_at=at + timedelta(days=9))
    login = {"login": of.reader.email, "password": "not the password"}
    signup = {"name": "Sue Nu", "email": "sue@example.org", "password1": "a long walk home 7"}
    return {
        "accounts:invite": (of.author, {"note": "We met in Oslo."}),
        "accounts:settings_profile": (of.reader, profile | place),
        "accounts:settings_notices": (of.reader, {"wants_message_mail": "", "credits_low_by_mail": "on"}),
        "accounts:notices_read": (of.reader, {"through": "1"}),
        "accounts:settings_appearance": (of.reader, {"theme": "dark"}),
        "accounts:settings_shortcuts": (of.reader, {"uses_shortcuts": ""}),
        "billing:code": (of.reader, {"code": "AUTUMN"}),
        "billing:plan_ask": (of.reader, {"interval": "year", "form_key": new_public_id()}),
        "billing:plan_change": (of.author, {"shown": "x", "interval": "month", "form_key": new_public_id()}),
        "billing:plan_cancel": (of.author, {"shown": "x"}),
        "billing:team_plan_change": (
            of.author,
            {"seats": "2", "interval": "month", "shown": "x", "form_key": new_public_id()},
        ),
        "billing:team_plan_cancel": (of.author, {"shown": "x"}),
        "billing:seats": (of.author, {"address": "new@example.org"}),
        "billing:seat": (of.author, {"kind": "number", "credits": "7"}),
        "billing:seat_reassign": (of.author, {"address": "new@example.org"}),
        "messaging:answer": (of.reader, {"answer": "interested", "body": "Tell me more.", "origin": "requests"}),
        "messaging:change_answer": (of.reader, {"answer": "later"}),
        "messaging:compose": (of.author, words | {"send_key": new_send_key(), "sending_for": ""} | quote),
        "messaging:draft_save": (of.author, words | {"send_key": new_send_key()}),
        "messaging:introduce": (of.reader, {"through": of.friend.handle, "context": "We both sail."}),
        "messaging:introduction_forward": (of.reader, {"words": "You two should talk."}),
        "messaging:answer_all": (of.reader, {"through": "1900000000000000-1"}),
        "messaging:schedule": (of.reader, later),
        "messaging:mark_read": (of.reader, {"through": "1900000000000000-1"}),
        "messaging:settings_reach": (
            of.author,
            {"who": "premium", "purposes_taken": "press", "first_contacts_land": "inbox", "wants_open_profile": "on"}
            | {"cap_day": "3", "cap_week": "7", "hides_caps": "on", "requests_mail": "daily"}
            | {"shares_receipts": "on"},
        ),
        "messaging:settings_away": (
            of.reader,
            {"is_on": "on", "body": "Back soon.", "starts_on": f"{at:%Y-%m-%d}", "ends_on": f"{at:%Y-%m-%d}"},
        ),
        "messaging:stop": (of.reader, {"body": "Please do not."}),
        "messaging:report": (of.reader, {"reason": "scam", "words": "It asks for money.", "also_stop": "on"}),
        "messaging:appeal": (of.reader, {"statement": "All forty had asked for it."}),
        "messaging:appeal_by_mail": (None, {"statement": "All forty had asked for it."}),
        "account_login": (None, login),
        "account_signup": (None, signup),
        "account_reset_password": (None, {"email": of.reader.email}),
        "account_request_login_code": (None, {"email": of.reader.email}),
        "account_email": (of.reader, {"email": "new@example.org", "action_add": ""}),
        "account_set_password": (of.reader, {"password1": "a long walk home 7", "password2": "a long walk home 7"}),
        "admin:member_adjust": (of.chief, adjust),
        "admin:pool_adjust": (of.chief, adjust),
        "admin:order_page": (of.chief, {"act": "paid", "reference": "SEPA 1"}),
        "admin:simulator": (
            of.chief,
            {"sender": of.author.email, "recipient": of.reader.handle, "purpose": "sales", "text": "Would you talk?"}
            | {"sending_for": "", "at": "", "version": "", "wants_inmail": ""},
        ),
        "admin:member_subscription": (
            of.chief,
            {
                "act": "subscribe",
                "plan_version": terms,
                "interval": "month",
                "paid_through": "2027-11-30",
                "contract_allotment": "",
                "anchor_at": "",
            },
        ),
    }


NAMES_OF_FORMS = sorted(
    {
        *(f"accounts:{name}" for name in ("invite", "settings_profile", "settings_notices", "settings_appearance")),
        *("accounts:settings_shortcuts", "accounts:notices_read"),
        *("billing:code", "billing:plan_ask", "billing:plan_change", "billing:plan_cancel"),
        *("billing:seats", "billing:seat", "billing:seat_reassign"),
        *("billing:team_plan_change", "billing:team_plan_cancel"),
        *(
            f"messaging:{name}"
            for name in ("answer", "change_answer", "compose", "draft_save", "mark_read", "schedule")
        ),
        *("messaging:settings_away", "messaging:answer_all"),
        *("messaging:settings_reach", "messaging:stop", "messaging:introduce", "messaging:introduction_forward"),
        *("messaging:report", "messaging:appeal", "messaging:appeal_by_mail"),
        *("account_login", "account_signup", "account_reset_password", "account_request_login_code"),
        *("account_email", "account_set_password"),
        *("admin:member_adjust", "admin:member_subscription", "admin:pool_adjust", "admin:order_page"),
        "admin:simulator",
    }
)


def own_models() -> list[type[models.Model]]:
    return [model for app in ("accounts", "billing", "messaging") for model in apps.get_app_config(app).get_models()]
