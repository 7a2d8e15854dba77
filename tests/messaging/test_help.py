"""The pages that explain a verdict."""

import pytest

from accounts.site_policy import SitePolicy
from messaging.explanations import explain
from messaging.policy import ROWS


@pytest.mark.parametrize("code", [row.code for row in ROWS])
def test_every_verdict_is_explained(code: str) -> None:
    explanation = explain(code, SitePolicy(version=1))

    assert explanation is not None
    assert explanation.title
    assert all(explanation.meaning)


def test_the_help_follows_the_policy_in_force() -> None:
    words = " ".join(_inmail(SitePolicy(version=1)))
    others = " ".join(_inmail(SitePolicy(version=2, return_window_hours=720, inmail_cost=2)))

    assert "uses 1 credit." in words
    assert "within 90 days" in words
    assert "uses 2 credits." in others
    assert "within 30 days" in others


def _inmail(policy: SitePolicy) -> tuple[str, ...]:
    explanation = explain("inmail", policy)
    assert explanation is not None
    return explanation.meaning
