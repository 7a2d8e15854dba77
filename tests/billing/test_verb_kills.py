"""A process is killed before each statement and commit of a verb, and after its last: done whole or not at all.

Told again, the verb ends as if it had been told once. PostgreSQL: on SQLite the next to write rolls the dead one back.
"""

import contextlib
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from billing import audit
from billing.promotions import PromotionRefused
from billing.subscriptions import NotRunning
from tests.billing import money_verbs
from tests.billing.money_verbs import DUE, Prepare, Stage, Verb, run_back, stages

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a server, which outlives who is killed"),
]

ALWAYS = [money_verbs.charge, money_verbs.refund, money_verbs.renew]
DEEP = [verb for verb in money_verbs.VERBS if verb not in ALWAYS]
MOST_STEPS = 120


def verbs() -> list[Any]:
    deep = [pytest.param(verb, marks=pytest.mark.deep, id=verb.__name__) for verb in DEEP]
    return [pytest.param(verb, id=verb.__name__) for verb in ALWAYS] + deep


@pytest.mark.parametrize("prepare", verbs())
def test_a_verb_that_is_killed_at_any_step_is_done_whole_or_not_at_all(prepare: Prepare):
    stage = stages()()
    verb = prepare(stage)
    untouched = stage.rows()
    expected = run_back(lambda: told_again(verb, stage))
    for step in range(1, MOST_STEPS):
        completed = killed(verb, step)
        assert audit.verify(at=DUE).breaches == [], f"killed at {step}"
        assert run_back(lambda: told_again(verb, stage)) == expected, f"killed at {step}, then told again"
        if completed:
            break
        # A sweep looks once more when its work is committed.
        assert stage.rows() in (untouched, expected), f"half of it stayed, killed at {step}"
    assert completed
    assert step > 5
    assert stage.rows() == expected != untouched


def killed(verb: Verb, step: int) -> bool:
    """Run it in a process that is killed before that step, or when it is through; answers whether it was."""
    told, tell = os.pipe()
    connections.close_all()
    child = os.fork()
    if child == 0:
        _run_and_die(verb, step, tell)
    os.close(tell)
    with os.fdopen(told, "rb") as line:
        word = line.read()
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert word in {b"", b"through"}, word.decode()
    return word == b"through"


def _run_and_die(verb: Verb, step: int, tell: int) -> None:
    """In the child. Whatever happens it must not go on as a second pytest."""
    try:
        connection.ensure_connection()
        steps = _Steps(step)
        connection._commit = steps.before(connection._commit)
        with connection.execute_wrapper(steps.wrapper):
            verb()
        os.write(tell, b"through")
    except BaseException as error:
        os.write(tell, repr(error).encode())
    finally:
        os.kill(os.getpid(), signal.SIGKILL)


class _Steps:
    """Counts what goes to the database, and dies before number `last`."""

    def __init__(self, last: int) -> None:
        self.left = last

    def take(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, work: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            self.take()
            return work()

        return run

    def wrapper(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.take()
        return execute(*statement)


def told_again(verb: Verb, stage: Stage) -> tuple[Any, ...]:
    # An exchange of plans, or a code, that was through says so.
    with contextlib.suppress(NotRunning, PromotionRefused):
        verb()
    return stage.outcome()
