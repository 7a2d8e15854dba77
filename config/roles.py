"""The staff roles that have work here (domain 2), as groups whose rights are set at every migration.

Rights on records are `view` only: journal, lots, charges and messages are written by verbs alone.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

PEOPLE = ("member", "reach", "connection", "invitation", "block", "stoprequest", "notice")
MONEY = (
    "wallet",
    "lot",
    "entry",
    "charge",
    "subscription",
    "period",
    "planrequest",
    "plan",
    "planversion",
    "adjustment",
    "team",
    "teamadmin",
    "seat",
    "seatmove",
    "seatinvitation",
    "pack",
    "order",
    "paymentevent",
    "repayment",
    "dispute",
    "shortfall",
    "billcredit",
    "promotion",
    "promotionuse",
    "referral",
    "reconciliationrun",
    "difference",
)
MESSAGES = ("conversation", "participation", "message", "outreach", "sendingday")
POLICY = ("policyversion", "plan", "planversion")
# What a billing operator makes or decides, besides posting adjustments and giving plans.
DECIDED = (
    "add_repayment",
    "change_order",
    "change_paymentevent",
    "add_promotion",
    "change_promotion",
    "add_team",
    "change_policyversion",
)
JOBS = ("jobrun", "failedjob")
CONDUCT = ("case", "report", "decision", "appeal", "restriction", "textreading")
# What a moderator decides: a case, the second word on a closing, an appeal; each reading of a text is recorded.
MODERATED = ("change_case", "add_decision", "change_decision", "change_appeal", "add_textreading")
# Support opens a text only for a case, with a reason; who reported it stays hidden from them.
SUPPORTED = ("view_case", "add_textreading")


def _view(*models: str) -> tuple[str, ...]:
    return tuple(f"view_{model}" for model in models)


ROLES: dict[str, tuple[str, ...]] = {
    "Support": (*_view(*PEOPLE, *MONEY, *MESSAGES), "change_member", *SUPPORTED),
    "Billing operator": (*_view("member", *MONEY, *POLICY, *JOBS), "add_adjustment", "add_subscription", *DECIDED),
    "Moderator": (*_view(*PEOPLE, *MESSAGES, *CONDUCT), *MODERATED),
    "Auditor": _view("member", *MONEY, *MESSAGES, *POLICY, *JOBS, *CONDUCT),
    "Administrator": (
        *_view(*PEOPLE, *MONEY, *MESSAGES, *POLICY, *JOBS, *CONDUCT, "group"),
        "change_member",
        "change_group",
        "change_policyversion",
    ),
}


def set_up_roles(**_: Any) -> None:
    """Make the groups and give each exactly its rights. Harmless to repeat."""
    for name, rights in ROLES.items():
        group, _created = Group.objects.get_or_create(name=name)
        ours = Q(content_type__app_label__in=("accounts", "billing", "messaging", "auth"))
        group.permissions.set(Permission.objects.filter(ours, codename__in=rights))
