"""Cases about members and what moderators and rules decide in them (domain 8.4 to 8.6).

Whatever is decided about one member happens under the lock of that member's row, so that of two moderators at once
one decides. The order of locks: wallet, conversation, members, case.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.busy import short_wait
from accounts.models import Member, Restriction, Rule, Step
from accounts.site_policy import policy_in_force
from billing import ledger
from messaging import conduct_news, consequences, ladder, reviewing
from messaging.conduct_refusals import (
    AlreadyDecided,
    FactsMissing,
    NoteMissing,
    OwnMatter,
    SamePerson,
    StepTooHigh,
    WaitsForSecond,
)
from messaging.models import Case, Decision

FACTS_LEAST = 40
FOUND_BY = {
    Case.Source.REPORT: Restriction.FoundBy.REPORT,
    Case.Source.HELD: Restriction.FoundBy.RULE,
    Case.Source.QUALITY: Restriction.FoundBy.RULE,
    Case.Source.SIGNAL: Restriction.FoundBy.SIGNAL,
    Case.Source.STAFF: Restriction.FoundBy.STAFF,
}


@dataclass(frozen=True, kw_only=True)
class _Finding:
    outcome: str
    rule: str
    facts: str
    note: str
    is_grave: bool
    decided_by: Member | None


def open_case(
    *, about: Member, source: Case.Source, harm: Case.Harm, key: str, evidence: dict[str, Any], at: datetime
) -> Case:
    """A matter for the queue; `key` is permanent: the same cause again answers with the case it opened."""
    facts = {"about": about, "source": source, "harm": harm, "evidence": evidence, "opened_at": at}
    return Case.objects.get_or_create(key=key, defaults=facts)[0]


def decide_case(
    *,
    case: Case,
    outcome: str,
    rule: str = "",
    facts: str = "",
    note: str = "",
    is_grave: bool = False,
    days: int | None = None,
    decided_by: Member | None,
    at: datetime,
) -> Decision:
    """Decide an open case: Decision.NOTHING, or a step with its rule and the facts the member reads.

    At most the next step of the ladder; `is_grave` (fraud or threats, said in the note) lets a moderator skip. `days`
    is for a suspension of another length than 30. A closing waits for `confirm_closing`; all else takes effect now.
    `decided_by` None = an automatic rule. Raises a ConductRefused.
    """
    finding = _Finding(
        outcome=outcome, rule=rule, facts=facts.strip(), note=note.strip(), is_grave=is_grave, decided_by=decided_by
    )
    with short_wait():
        held = _lock(case, at=at)
        _refuse(held, finding, at=at)
        decision = Decision.objects.create(
            case=held,
            outcome=outcome,
            rule=rule if outcome != Decision.NOTHING else "",
            facts=finding.facts,
            note=finding.note,
            decided_by=decided_by,
            decided_at=at,
        )
        if outcome != Step.CLOSING:
            _take_effect(decision, days=days, at=at)
        return decision


def confirm_closing(*, decision: Decision, by: Member, at: datetime) -> Decision:
    """The second moderator agrees: the account is closed and its credits are forfeited.

    Raises OwnMatter, SamePerson, AlreadyDecided.
    """
    with short_wait():
        held = _lock(decision.case, at=at)
        _refuse_second(held, decision, by)
        if not closings_waiting().filter(pk=decision.pk).update(confirmed_by=by, confirmed_at=at):
            raise AlreadyDecided
        decision.refresh_from_db()
        _take_effect(decision, days=None, at=at)
    # Each in its own transaction: the wallets of others come into it. What a crash leaves undone the sweep does.
    consequences.finish(decision=decision, at=at)
    return decision


def refuse_closing(*, decision: Decision, by: Member, note: str, at: datetime) -> Decision:
    """The second moderator does not agree: the case is open again. Raises OwnMatter, SamePerson, AlreadyDecided."""
    with short_wait():
        held = _lock(decision.case, at=at)
        _refuse_second(held, decision, by)
        words = f"{decision.note}\n{by}: {note.strip()}".strip()[:2_000]
        if not closings_waiting().filter(pk=decision.pk).update(withdrawn_at=at, note=words):
            raise AlreadyDecided
        decision.refresh_from_db()
        return decision


def escalate(*, case: Case, note: str, by: Member, at: datetime) -> Case:
    """Hand a case to whoever has more say; it stays in the queue, first. Raises OwnMatter, AlreadyDecided."""
    if case.about_id == by.pk:
        raise OwnMatter
    changes = {"escalated_at": at, "escalation_note": f"{by}: {note.strip()}"[:2_000]}
    if not Case.objects.filter(pk=case.pk, closed_at=None).update(**changes):
        raise AlreadyDecided
    case.refresh_from_db()
    return case


def queue() -> QuerySet[Case]:
    """Open cases: the escalated first, then by harm, then age."""
    return Case.objects.filter(closed_at=None).order_by(
        F("escalated_at").asc(nulls_last=True), "-harm", "opened_at", "pk"
    )


def queue_after(case: Case) -> QuerySet[Case]:
    """What stands behind a case in the queue; it may have been decided since."""
    later = Q(opened_at__gt=case.opened_at) | Q(opened_at=case.opened_at, pk__gt=case.pk)
    behind = Q(harm__lt=case.harm) | (Q(harm=case.harm) & later)
    if case.escalated_at is None:
        return queue().filter(behind, escalated_at=None)
    escalated = Q(escalated_at__gt=case.escalated_at) | (Q(escalated_at=case.escalated_at) & behind)
    return queue().filter(escalated | Q(escalated_at=None))


def closings_waiting() -> QuerySet[Decision]:
    """Proposed, and neither confirmed nor refused."""
    return Decision.objects.filter(outcome=Step.CLOSING, confirmed_at=None, withdrawn_at=None)


def may_decide(case: Case, by: Member) -> bool:
    """Nobody decides a case about themself, or one they reported (M14)."""
    return case.about_id != by.pk and not case.reports.filter(reporter=by).exists()


def standing_decisions(member: Member) -> QuerySet[Decision]:
    """What was decided about a member and took effect, newest first."""
    told = Q(case__about=member, restriction__isnull=False)
    found = Decision.objects.filter(told).select_related("case", "restriction", "appeal")
    return found.order_by("-decided_at", "-pk")


def _lock(case: Case, *, at: datetime) -> Case:
    ledger.lock_wallet(case.about, at=at)
    Member.objects.select_for_update(no_key=True).get(pk=case.about_id)
    return Case.objects.select_related("about").get(pk=case.pk)


def _refuse(case: Case, finding: _Finding, *, at: datetime) -> None:
    if finding.decided_by is not None and not may_decide(case, finding.decided_by):
        raise OwnMatter
    if case.closed_at is not None:
        raise AlreadyDecided
    if closings_waiting().filter(case=case).exists():
        raise WaitsForSecond
    if finding.outcome == Decision.NOTHING:
        return
    if finding.rule not in Rule.values or len(finding.facts) < FACTS_LEAST:
        raise FactsMissing
    _refuse_skipping(case.about, finding, at=at)


def _refuse_skipping(member: Member, finding: _Finding, *, at: datetime) -> None:
    step, following = Step(finding.outcome), ladder.next_step(member, at=at, policy=policy_in_force(at))
    if finding.decided_by is None and ladder.is_above(step, ladder.HIGHEST_OF_A_RULE):
        raise StepTooHigh(_("No rule suspends by itself."))
    if not ladder.is_above(step, following):
        return
    if not finding.is_grave:
        words = _("The next step is “%(step)s”. Only fraud or threats skip steps.")
        raise StepTooHigh(words % {"step": following.label})
    if not finding.note:
        raise NoteMissing


def _refuse_second(case: Case, decision: Decision, by: Member) -> None:
    if not may_decide(case, by):
        raise OwnMatter
    if decision.decided_by_id == by.pk:
        raise SamePerson


def _take_effect(decision: Decision, *, days: int | None, at: datetime) -> None:
    """The restriction begins, the case is closed, and everybody hears what concerns them."""
    case = decision.case
    if not Case.objects.filter(pk=case.pk, closed_at=None).update(closed_at=at):
        raise AlreadyDecided
    case.closed_at = at
    if decision.outcome != Decision.NOTHING:
        decision.restriction = _restriction(decision, days=days, at=at)
        decision.save(update_fields=["restriction"])
        consequences.put_back_drafts(decision.restriction, at=at)
        conduct_news.tell_of_decision(decision, at=at)
    if case.source == Case.Source.HELD:
        _end_the_wait(decision, at=at)
    conduct_news.tell_reporters(decision, at=at)


def _end_the_wait(decision: Decision, *, at: datetime) -> None:
    """The text that was held goes if nothing was wrong with it; else it comes back, if no step brought it back."""
    if decision.outcome == Decision.NOTHING:
        reviewing.let_pass(case=decision.case, at=at)
    else:
        reviewing.send_back(case=decision.case, why=_("It repeats others, and you were warned."), at=at)


def _restriction(decision: Decision, *, days: int | None, at: datetime) -> Restriction:
    step = Step(decision.outcome)
    return Restriction.objects.create(
        member=decision.case.about,
        step=step,
        rule=decision.rule,
        facts=decision.facts,
        found_by=FOUND_BY[Case.Source(decision.case.source)],
        reference=decision.public_id,
        starts_at=at,
        ends_at=ladder.ends_at(step, at=at, days=days),
        decided_by=decision.decided_by,
        confirmed_by=decision.confirmed_by,
    )
