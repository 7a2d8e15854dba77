"""Years in the life of a few wallets, chosen by a seed: the same seed, the same story."""

import os
import random
from datetime import timedelta

import pytest

from tests.billing.twin import ANCHORS, TERMS, Twin
from tests.billing.world import DAY, MICROSECOND, moment

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

IS_DEEP = os.environ.get("POSTERN_DEEP") == "1"
SEEDS = [int(os.environ["POSTERN_SEED"])] if "POSTERN_SEED" in os.environ else range(20 if IS_DEEP else 2)
STEPS = 2_000 if IS_DEEP else 300

# How often each thing happens, and how.
ACTS = {
    "time": 24,
    "moment": 12,
    "send": 16,
    "answer": 12,
    "meeting": 4,
    "worker": 6,
    "look": 6,
    "gift": 2,
    "plan": 8,
    "cancel": 1,
    "resume": 1,
    "pay": 3,
    "undo": 2,
    "take_back": 1,
}


def act(twin: Twin, dice: random.Random) -> None:
    what = dice.choices(list(ACTS), list(ACTS.values()))[0]
    # Mostly about the latest messages: old ones are past their window.
    reference = dice.choice(twin.references[-6:]) if twin.references else None
    moments = twin.next_moments()
    match what:
        case "time":
            twin.at += dice.choice(
                [MICROSECOND, timedelta(seconds=10), DAY, 3 * DAY, 7 * DAY, dice.random() * 20 * DAY]
            )
        case "moment" if moments:
            twin.at = max(twin.at, moments[0] + dice.choice([-1, 0, 0, 1]) * MICROSECOND)
        case "send":
            twin.send(dice.choice([1, 1, 2]))
        case "answer" if reference:
            twin.be_answered(reference, dice.choice([timedelta(0), timedelta(seconds=10), 30 * DAY]))
        case "meeting" if reference and moments:
            twin.be_answered(reference, dice.choice(moments[:3]) - twin.at)
        case "worker":
            twin.let_the_worker_run()
        case "look":
            twin.look()
        case "gift":
            twin.receive_a_gift(dice.randint(1, 4), dice.randint(1, 60))
        case "plan":
            twin.take_a_plan(dice.choice(TERMS), dice.choice([None, 30, 65]))
        case "cancel":
            twin.cancel(dice.randint(0, 45))
        case "resume":
            twin.take_the_cancellation_back()
        case "pay":
            twin.pay(dice.randint(1, 70))
        case "undo" if reference:
            twin.undo(reference)
        case "take_back" if reference:
            twin.have_the_answer_taken_back(reference)


@pytest.mark.parametrize("seed", SEEDS)
def test_years_of_a_wallet_agree_with_a_plain_list_of_lots(seed):
    print(f"POSTERN_SEED={seed}")
    dice = random.Random(seed)
    twin = Twin(moment(ANCHORS[seed % len(ANCHORS)]))
    for step in range(STEPS):
        act(twin, dice)
        if step % 50 == 49:
            twin.compare()
    twin.compare()
    kinds = {kind for kind, *_ in twin.plain.lines}
    assert kinds == {"grant", "charge", "refund", "reverse", "expire", "trim", "forfeit"}, "the story has every kind"
