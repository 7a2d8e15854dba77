"""How far members stand from one another, against a search in plain Python."""

import itertools
import random
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db.models import QuerySet

from accounts.degrees import at_degree, connections_of, degrees, mutual_connections, mutual_counts
from accounts.models import Connection, Member

Edges = set[frozenset[int]]


def connect(pairs: list[tuple[Member, Member]], at: datetime) -> None:
    Connection.objects.bulk_create(
        Connection(low_id=min(one.pk, other.pk), high_id=max(one.pk, other.pk), connected_at=at) for one, other in pairs
    )


@pytest.fixture
def chain(person: Callable[..., Member], at: datetime) -> list[Member]:
    """Six members in a row, each connected with the next; made in an order that mixes their ids."""
    made = [person(f"Link {n}") for n in range(6)]
    links = [made[position] for position in (3, 0, 5, 1, 4, 2)]
    connect(list(itertools.pairwise(links)), at)
    return links


def test_degrees_count_the_steps_up_to_three(chain: list[Member]) -> None:
    first, *others = chain
    ids = [member.pk for member in chain]
    assert degrees(first, ids) == {others[0].pk: 1, others[1].pk: 2, others[2].pk: 3}
    assert degrees(chain[2], ids) == {chain[1].pk: 1, chain[3].pk: 1, chain[0].pk: 2, chain[4].pk: 2, chain[5].pk: 3}


def test_a_deactivated_member_is_no_first_degree_and_stands_between_nobody(chain: list[Member]) -> None:
    Member.objects.filter(pk=chain[1].pk).update(is_active=False)
    assert degrees(chain[0], [member.pk for member in chain]) == {}
    assert not connections_of(chain[0]).exists()


def test_a_deactivated_member_keeps_the_degree_that_a_blocker_would_keep(
    ada: Member, ben: Member, cleo: Member, at: datetime
) -> None:
    connect([(ada, ben), (ada, cleo), (cleo, ben)], at)
    Member.objects.filter(pk=ben.pk).update(is_active=False)
    assert degrees(ada, [ben.pk]) == {ben.pk: 2}
    assert mutual_connections(ada, ben, 3) == [cleo]


def test_mutual_connections_come_by_name(ada: Member, ben: Member, person: Callable[..., Member], at: datetime) -> None:
    zoe, maria, unknown = (person("Zoë Lind"), person("María Paz"), person("Nobody Shared"))
    connect([(ada, zoe), (zoe, ben), (maria, ada), (ben, maria), (ada, unknown)], at)
    assert mutual_connections(ada, ben, 5) == [maria, zoe]
    assert mutual_connections(ada, ben, 1) == [maria]
    assert mutual_counts(ada, [ben.pk, unknown.pk]) == {ben.pk: 2}


def test_random_networks_agree_with_a_search_in_python(person: Callable[..., Member], at: datetime) -> None:
    people = [person(f"Person {n}") for n in range(40)]
    dice = random.Random(7)
    edges = {frozenset(dice.sample([member.pk for member in people], 2)) for _ in range(45)}
    by_id = {member.pk: member for member in people}
    connect([(by_id[min(edge)], by_id[max(edge)]) for edge in edges], at)
    for member in people[:12]:
        expected = walked(member.pk, edges)
        assert degrees(member, by_id) == expected
        for degree in (1, 2, 3):
            at_this = {pk for pk, found in expected.items() if found == degree}
            assert ids_of(at_degree(Member.objects.all(), member, degree)) == at_this
        shared = {pk: len(near(pk, edges) & near(member.pk, edges)) for pk in by_id if pk != member.pk}
        assert mutual_counts(member, list(by_id)) == {pk: count for pk, count in shared.items() if count}


def test_the_number_of_queries_does_not_grow(
    ada: Member, person: Callable[..., Member], at: datetime, django_assert_max_num_queries: Callable[..., object]
) -> None:
    people = [person(f"Person {n}") for n in range(50)]
    connect([(ada, other) for other in people[:10]] + list(zip(people, people[10:], strict=False)), at)
    with django_assert_max_num_queries(3):  # type: ignore[attr-defined]
        assert set(degrees(ada, [other.pk for other in people]).values()) == {1, 2, 3}
    with django_assert_max_num_queries(2):  # type: ignore[attr-defined]
        mutual_counts(ada, [other.pk for other in people])


def ids_of(members: QuerySet[Member]) -> set[int]:
    return set(members.values_list("pk", flat=True))


def near(member_id: int, edges: Edges) -> set[int]:
    return {other for edge in edges if member_id in edge for other in edge - {member_id}}


def walked(member_id: int, edges: Edges) -> dict[int, int]:
    found = {member_id: 0}
    for degree in (1, 2, 3):
        for reached in [pk for pk, steps in found.items() if steps == degree - 1]:
            for other in near(reached, edges):
                found.setdefault(other, degree)
    return {pk: steps for pk, steps in found.items() if steps}
