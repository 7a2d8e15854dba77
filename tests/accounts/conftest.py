"""A small cast for the tests of people: Ada invites, Ben is invited, Cleo must see nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Member, PolicyVersion

MakePerson = Callable[..., Member]


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 11, 22, 11, tzinfo=UTC)


@pytest.fixture
def rules(db: None) -> Callable[..., PolicyVersion]:
    """Puts settings into force for the rest of the test; called with none, the defaults."""

    def put_in_force(**settings: Any) -> PolicyVersion:
        count = PolicyVersion.objects.count()
        begins_at = datetime(2001, 1, 1 + count, tzinfo=UTC)
        return PolicyVersion.objects.create(
            catalog="standard", settings=settings, in_force_from=begins_at, approved_at=begins_at
        )

    put_in_force()
    return put_in_force


@pytest.fixture
def person(rules: Callable[..., PolicyVersion]) -> MakePerson:
    """A member by first name; further fields are the member's."""

    def make(name: str, **fields: Any) -> Member:
        number = Member.objects.count()
        return Member.objects.create_user(email=f"person{number}@example.org", name=name, **fields)

    return make


@pytest.fixture
def ada(person: MakePerson) -> Member:
    return person("Ada Okafor")


@pytest.fixture
def ben(person: MakePerson) -> Member:
    return person("Ben Haddad")


@pytest.fixture
def cleo(person: MakePerson) -> Member:
    return person("Cleo Rossi")
