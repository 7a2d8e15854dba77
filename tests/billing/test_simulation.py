"""Years in the life of a few wallets, members' and teams', chosen by a seed: the same seed, the same story."""

import os
import random
from datetime import timedelta

import pytest

from tests.billing.twin import ANCHORS, RULES, TERMS, Twin
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
    "back": 1,
    "up": 1,
    "down": 1,
    "seat": 1,
    "adjust": 3,
    "buy": 4,
    "repay": 3,
    "dispute": 2,
    "decide": 3,
    "write_off": 1,
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
            twin.send(dice.choice([1, 1, 2, 5]))
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
        case "back":
            twin.go_back(dice.random() * DAY / 2)
        case "up" | "down":
            twin.change_to(dice.choice(TERMS), dearer=what == "up")
        case "seat":
            twin.park_or_unpark_a_seat(dice.randint(0, 2))
        case _:
            act_of_money(twin, dice, what)


def act_of_money(twin: Twin, dice: random.Random, what: str) -> None:
    # Mostly about what was bought lately.
    index = dice.randrange(max(len(twin.bought) - 4, 0), len(twin.bought)) if twin.bought else None
    match what:
        case "adjust":
            twin.be_adjusted(dice.choice([-3, -1, 1, 4, 7]), dice.randint(1, 60))
        case "buy":
            twin.buy(dice.randint(1, 6))
        case "repay" if index is not None:
            twin.be_paid_back(index, dice.randint(1, 6))
        case "dispute" if index is not None:
            twin.dispute(index, dice.randint(1, 6))
        case "decide" if twin.disputes:
            twin.decide_the_dispute(dice.choice(sorted(twin.disputes)), is_won=dice.random() < 0.5)
        case "write_off":
            twin.have_a_debt_written_off()


@pytest.mark.parametrize("seed", SEEDS)
def test_years_of_a_wallet_agree_with_a_plain_list_of_lots(seed):
    print(f"POSTERN_SEED={seed}")
    dice = random.Random(seed)
    twin = Twin(moment(ANCHORS[seed % len(ANCHORS)]), rules=RULES[seed % len(RULES)], is_team=seed % 2 == 1)
    for step in range(STEPS):
        act(twin, dice)
        if step % 50 == 49:
            twin.compare()
    twin.compare()
    kinds = {kind for kind, *_ in twin.plain.lines}
    every = {"grant", "charge", "refund", "reverse", "expire", "trim", "forfeit", "adjust", "clawback"}
    rare = set() if IS_DEEP else {"trim", "forfeit", "reverse"}
    assert kinds >= every - rare, "the story has every kind"
