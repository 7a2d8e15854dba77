"""What members are told of decisions about them, and of what became of their reports (domain 8.4, 8.6)."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts import notices
from accounts.models import Member, NoticeKind, Step
from accounts.news import NEWS_FOR, News, tell
from messaging.appeal_links import appeal_path
from messaging.dates import deadline_words, zone_of
from messaging.models import Appeal, Decision


def tell_of_decision(decision: Decision, *, at: datetime) -> None:
    """The step, its rule, the facts, its end. Whose account closes hears of it at the address alone."""
    restriction = decision.restriction
    assert restriction is not None
    until = restriction.ends_at
    facts = {
        "what": decision.outcome,
        "rule": str(decision.get_rule_display()),
        "facts": decision.facts,
        "until": deadline_words(until, zone_of(restriction.member), at=at) if until is not None else "",
    }
    _tell(restriction.member, f"decision:{decision.public_id}", _page_of(decision), facts, at=at)


def tell_of_appeal(appeal: Appeal, *, restored: int, at: datetime) -> None:
    """How the second moderator decided, and why; `restored` credits came anew."""
    decision = appeal.decision
    facts = {"what": appeal.outcome, "rule": "", "facts": appeal.reasons, "until": "", "restored": restored}
    key = f"appeal:{decision.public_id}:{appeal.outcome}"
    _tell(decision.case.about, key, _page_of(decision), facts, at=at)


def tell_of_quality(member: Member, *, facts: str, key: str, at: datetime) -> None:
    """Few answers so far; nothing is limited."""
    words = {"what": "quality", "rule": "", "facts": facts, "until": ""}
    _tell(member, key, reverse("messaging:cases"), words, at=at)


def tell_reporters(decision: Decision, *, at: datetime) -> None:
    """Each report of a closed case: whether a rule was found broken. No more, and never to the reported member."""
    acted = int(decision.outcome != Decision.NOTHING)
    reports = decision.case.reports.select_related("message__sender", "message__conversation")
    tell(
        [
            News(
                member_id=report.reporter_id,
                kind=NoticeKind.REPORT_OUTCOME,
                key=f"report_outcome:{report.pk}",
                context={
                    "who": report.message.sender.name,
                    "acted": acted,
                    "path": report.message.get_absolute_url(),
                },
                happened_at=at,
            )
            for report in reports
        ],
        at=at,
    )


def _page_of(decision: Decision) -> str:
    """Whose account is closed cannot sign in: their link is signed."""
    restriction = decision.restriction
    is_closing = restriction is not None and restriction.step == Step.CLOSING and restriction.reversed_at is None
    if is_closing or not decision.case.about.is_active:
        return appeal_path(decision)
    return decision.get_absolute_url()


def _tell(member: Member, key: str, path: str, facts: dict[str, Any], *, at: datetime) -> None:
    context = facts | {"path": path}
    is_closing = facts["what"] == Step.CLOSING
    if is_closing or not member.is_active:
        notices.queue(
            address=member.email,
            kind=NoticeKind.DECISION,
            context=context,
            key=key,
            due_at=at,
            not_after=at + NEWS_FOR,
        )
        return
    tell([News(member_id=member.pk, kind=NoticeKind.DECISION, key=key, context=context, happened_at=at)], at=at)
