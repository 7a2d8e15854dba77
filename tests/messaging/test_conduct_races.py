"""Many at once on conduct: one decision, one report, one case, one restoration."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from accounts.busy import Busy
from accounts.models import Restriction
from messaging import appealing, conduct, reporting
from messaging.conduct_refusals import ConductRefused
from messaging.models import Appeal, Case, Decision, Report

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

FACTS = "You wrote the same text to forty people within one hour."


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """What each gave, or the name of what it raised. Who finds the door busy tries again."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            for _ in range(20):
                try:
                    return act()
                except Busy:
                    continue
            raise AssertionError("busy for ever")
        except ConductRefused as refusal:
            return type(refusal).__name__
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_eight_moderators_at_once_one_decides(sender, make_member, at):
    case = conduct.open_case(about=sender, source="staff", harm=2, key="staff:1", evidence={}, at=at)
    moderators = [make_member(f"Moderator {number}") for number in range(8)]

    def decide(moderator):
        words = {"rule": "bulk", "facts": FACTS, "note": "Fraud", "is_grave": True}
        return conduct.decide_case(case=case, outcome="week", decided_by=moderator, at=at, **words)

    results = at_once([lambda moderator=moderator: decide(moderator) for moderator in moderators])

    assert Counter(result for result in results if isinstance(result, str)) == {"AlreadyDecided": 7}
    assert (Decision.objects.count(), Restriction.objects.count()) == (1, 1)
    assert sender.page_notices.count() == 1


def test_reports_at_once_are_one_each_and_one_case(sender, make_member, send, at):
    readers = [make_member(f"Reader {number}") for number in range(4)]
    letters = [send(sender, reader, at=at - timedelta(hours=1)).message for reader in readers]

    at_once(
        [
            lambda letter=letter: reporting.report(message=letter, reporter=letter.recipient, reason="spam", at=at)
            for letter in letters * 2
        ]
    )

    assert (Report.objects.count(), Case.objects.count()) == (4, 1)
    assert Case.objects.get().harm == Case.Harm.MEDIUM


def test_two_moderators_on_one_appeal_restore_once(sender, make_member, at):
    first, *others = [make_member(f"Moderator {number}") for number in range(5)]
    case = conduct.open_case(about=sender, source="staff", harm=2, key="staff:1", evidence={}, at=at)
    words = {"rule": "bulk", "facts": FACTS, "note": "Fraud", "is_grave": True}
    decision = conduct.decide_case(case=case, outcome="week", decided_by=first, at=at, **words)
    asked = appealing.appeal(decision=decision, member=sender, statement="It was an event.", at=at)

    results = at_once(
        [
            lambda other=other, outcome=outcome: appealing.decide_appeal(
                appeal=asked, outcome=outcome, reasons=FACTS, decided_by=other, at=at
            )
            for other, outcome in zip(others, ["reversed", "upheld", "reversed", "upheld"], strict=True)
        ]
    )

    assert Counter(result for result in results if isinstance(result, str)) == {"AlreadyDecided": 3}
    outcome = Appeal.objects.get().outcome
    assert (Restriction.objects.get().reversed_at is not None) == (outcome == "reversed")
