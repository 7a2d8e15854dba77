"""A text that repeats others waits for a moderator: held, taken back, let pass or sent back (domain 8.2).

Nothing is charged and no place under a cap is used while it waits. One that passes is sent by messaging.dispatching,
which decides at its time. Every verb here runs under the wallet's lock of the writer, as sending does, so that a text
never goes while it is taken back.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from accounts.busy import short_wait
from accounts.hints import hint
from accounts.models import Member
from accounts.site_policy import policy_in_force
from billing import ledger, pools
from messaging import drafts, facts, similarity
from messaging.coming_back import come_back
from messaging.models import Case, Draft
from messaging.policy import decide
from messaging.quotes import HELD, Quote
from messaging.refusals import VerdictChanged
from messaging.sending_for import seat_for
from messaging.verdict import Facts, Verdict

# So many of the texts it is like are named in the case.
NAMED = 20


def hold(
    *,
    sender: Member,
    recipient: Member,
    text: dict[str, str],
    shown: Quote,
    at: datetime,
    as_inmail: bool = False,
    sending_for: str = "",
) -> Draft:
    """Keep cleaned text for a moderator, in the place of sending it; what was shown is what it may cost later.

    `text`: purpose, reason, subject, body and send_key. A second time it answers with the text that waits. Raises
    VerdictChanged when it is not to be held, or was shown at another price; drafts.DraftRests when another text to the
    same person waits; accounts.busy.Busy.
    """
    seat = seat_for(sender, sending_for)
    with short_wait():
        pools.lock_wallets(sender, seat.team if seat else None, at=at)
        waiting = drafts.resting(sender, recipient)
        if waiting is not None and waiting.send_key == text["send_key"] and waiting.in_review_since is not None:
            return waiting
        words: dict[str, Any] = {name: text[name] for name in ("purpose", "reason")}
        words["text"] = similarity.main_part(text["subject"], text["body"])
        policy = policy_in_force(at)
        chosen: dict[str, Any] = {"seat": seat, "wants_inmail": as_inmail, "is_sending": True, "policy": policy}
        known = facts.load(sender, [recipient], **words, **chosen, at=at)[recipient.pk]
        agreed = _agreed(decide(known), shown)
        _refuse_flood(known)
        draft = _keep(sender, recipient, _with_a_new_case(text), at=at)
        _write(draft, agreed, at=at, as_inmail=as_inmail, sending_for=sending_for)
        _open_case(draft, known, at=at)
        return draft


def take_back(*, member: Member, recipient: Member, at: datetime) -> Draft | None:
    """The writer takes it back before it goes: a plain draft, and its case closes. None if nothing waits."""
    with short_wait():
        ledger.lock_wallet(member, at=at)
        draft = drafts.resting(member, recipient)
        if draft is None or draft.in_review_since is None:
            return None
        drafts.rest_no_more(draft, at=at)
        return draft


def let_pass(*, case: Case, at: datetime) -> Draft | None:
    """A moderator lets it go: the worker sends it as soon as it sees it. None if its writer took it back meanwhile.

    Closes the case. Twice is once.
    """
    with short_wait():
        draft = _locked(case, at=at)
        drafts.close_case(_send_key(case), at=at)
        if draft is None:
            return None
        Draft.objects.filter(pk=draft.pk, passed_review_at=None).update(passed_review_at=at)
        hint("messaging.tasks.send_waiting", draft.pk)
        return draft


def send_back(*, case: Case, why: str, at: datetime) -> Draft | None:
    """A moderator does not let it go: a draft again with the reason, uncharged, and its writer is told.

    Closes the case. None if its writer took it back meanwhile.
    """
    with short_wait():
        draft = _locked(case, at=at)
        drafts.close_case(_send_key(case), at=at)
        if draft is None or draft.passed_review_at is not None:
            return None
        come_back(draft=draft, code=HELD, why=why, at=at)
        return draft


def draft_of(case: Case) -> Draft | None:
    """The text that waits for this case, unless its writer took it back."""
    waiting = Draft.objects.filter(send_key=_send_key(case), member=case.about_id, in_review_since__isnull=False)
    return waiting.select_related("member", "recipient__profile").first()


def _agreed(verdict: Verdict, shown: Quote) -> Quote:
    """What its writer agreed to, under the code it will go by. Raises VerdictChanged."""
    passed = verdict.once_passed
    if passed is None or shown.code != HELD or not replace(shown, code=passed.code).holds(passed):
        raise VerdictChanged(verdict)
    return Quote.of(passed)


def _refuse_flood(known: Facts) -> None:
    """What waits counts against the day too, or one sender could bury the moderators. Raises VerdictChanged."""
    waiting = Draft.objects.filter(member=known.sender_id, in_review_since__isnull=False, passed_review_at=None)
    if known.sent_today + waiting.count() >= known.daily_cap:
        raise VerdictChanged(decide(replace(known, sent_today=known.daily_cap)))


def _with_a_new_case(text: dict[str, str]) -> dict[str, str]:
    """One key is one case: what was looked at before, or taken back, gets another."""
    if not Case.objects.filter(key=drafts.case_key(text["send_key"])).exists():
        return text
    return text | {"send_key": drafts.new_send_key()}


def _keep(sender: Member, recipient: Member, text: dict[str, str], *, at: datetime) -> Draft:
    draft = drafts.save_draft(member=sender, recipient=recipient, at=at, **text)
    assert draft is not None, "what is like other texts is not empty, and was not sent"
    return draft


def _write(draft: Draft, agreed: Quote, *, at: datetime, as_inmail: bool, sending_for: str) -> None:
    draft.in_review_since, draft.agreed = at, agreed.as_json()
    draft.as_inmail, draft.sending_for = as_inmail, sending_for
    draft.came_back, draft.came_back_why = "", ""
    draft.save(
        update_fields=["in_review_since", "agreed", "as_inmail", "sending_for", "came_back", "came_back_why"],
    )


def _open_case(draft: Draft, known: Facts, *, at: datetime) -> None:
    text = similarity.main_part(draft.subject, draft.body)
    alike = similarity.repeats(draft.member, draft.recipient, text, at=at, policy=known.policy)
    evidence = {
        "repeats": len(alike),
        "likeness_percent": max((round(100 * one.likeness) for one in alike), default=0),
        "messages": [one.public_id for one in alike[:NAMED]],
    }
    Case.objects.create(
        about=draft.member,
        source=Case.Source.HELD,
        harm=Case.Harm.LOW,
        key=drafts.case_key(draft.send_key),
        evidence=evidence,
        opened_at=at,
    )


def _locked(case: Case, *, at: datetime) -> Draft | None:
    ledger.lock_wallet(case.about, at=at)
    return draft_of(case)


def _send_key(case: Case) -> str:
    return case.key.removeprefix(drafts.case_key(""))
