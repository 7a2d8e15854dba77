"""Few answers: told below the floor, restricted only when chance cannot explain it, and shown to the member."""

import random
from datetime import timedelta

import pytest

from accounts.models import Restriction
from accounts.site_policy import SitePolicy, policy_in_force
from messaging import ladder, quality
from messaging.models import Case
from tests.messaging.outreach_rows import wrote

DAY = timedelta(days=1)
POLICY = SitePolicy(version=1)


@pytest.mark.parametrize(("sent", "most"), [(100, 6), (200, 16), (400, 38), (1_000, 109)])
def test_from_how_many_answers_on_nobody_is_surely_low(sent, most):
    assert 100 * quality.wilson(most, sent)[1] < POLICY.quality_floor_percent
    assert 100 * quality.wilson(most + 1, sent)[1] >= POLICY.quality_floor_percent


def test_only_mature_messages_count_and_only_answers_by_now(sender, recipient, at):
    wrote(sender, recipient, at=at - 22 * DAY, times=3)
    wrote(sender, recipient, at=at - 10 * DAY, times=40, answered=4)
    wrote(sender, recipient, at=at - 10 * DAY, times=1, answered=1, after=11 * DAY)
    wrote(sender, recipient, at=at - 6 * DAY, times=5)

    found = quality.measure(sender, at=at, policy=policy_in_force(at))
    assert (found.sent, found.answered, found.is_judged) == (41, 4, False)


@pytest.mark.parametrize(("answered", "step", "told"), [(13, None, False), (12, None, True), (6, "warning", True)])
def test_below_the_floor_is_told_and_surely_below_is_a_step(sender, recipient, at, answered, step, told):
    wrote(sender, recipient, at=at - 10 * DAY, times=100, answered=answered)
    for hours in (0, 1, 24):
        quality.assess(at=at + timedelta(hours=hours))

    assert list(Restriction.objects.values_list("step", flat=True)) == ([step] if step else [])
    assert sender.page_notices.count() == told
    if told:
        assert f"{answered} were answered" in sender.page_notices.get().context["facts"]


def test_automatic_steps_come_every_fourteen_days_and_a_person_goes_on(sender, recipient, at):
    for day in range(0, 85, 7):
        wrote(sender, recipient, at=at + (day - 8) * DAY, times=60)
    for day in range(85):
        quality.assess(at=at + day * DAY)

    steps = Restriction.objects.order_by("starts_at")
    assert [step.step for step in steps] == ["warning", "day", "three_days", "week"]
    gaps = [later.starts_at - one.starts_at for one, later in zip(steps, list(steps)[1:], strict=False)]
    assert min(gaps) >= ladder.BETWEEN_AUTOMATIC_STEPS
    waiting = Case.objects.get(closed_at=None)
    assert (waiting.source, waiting.evidence["answered"]) == ("quality", 0)


def restricted(share: float, chance: random.Random, *, at) -> int:
    """Steps that a sender of ten a day meets in ninety days, of whom so many percent answer within a week."""
    days = [sum(chance.random() < share for _ in range(10)) for _ in range(90)]
    steps, last = 0, -14
    for today in range(21, 90):
        window = days[max(today - 21, 0) : today - 7]
        found = quality.Quality(sent=10 * len(window), answered=sum(window), since=at, until=at, floor=13, least=100)
        if found.is_surely_low and today - last >= 14:
            steps, last = steps + 1, today
    return steps


def test_in_ninety_days_chance_restricts_the_honest_almost_never_and_the_careless_almost_surely(at):
    chance = random.Random(8)
    honest = [restricted(0.20, chance, at=at) for _ in range(300)]
    careless = [restricted(0.05, chance, at=at) for _ in range(300)]

    assert sum(steps > 0 for steps in honest) / 300 < 0.01
    # More than the warning, which limits nothing.
    assert sum(steps > 1 for steps in careless) / 300 > 0.95
