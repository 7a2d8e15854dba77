"""Who could introduce one member to many others: the first by name of those who know both, in one query."""

import pytest

from accounts.degrees import first_between
from accounts.models import Connection, Member
from accounts.pairs import low_and_high

pytestmark = pytest.mark.django_db


def test_the_first_by_name_of_those_who_know_both_in_one_query(make_member, at, django_assert_num_queries):
    ann, zed, carl, dora, abe, fay = (
        make_member(f"{name} Test") for name in ("Ann", "Zed", "Carl", "Dora", "Abe", "Fay")
    )
    pairs = ((ann, carl), (ann, zed), (zed, dora), (carl, dora), (ann, abe), (abe, fay), (fay, zed), (zed, carl))
    for one, two in pairs:
        Connection.objects.create(**low_and_high(one.pk, two.pk), connected_at=at)
    everybody = [ann.pk, zed.pk, carl.pk, dora.pk, fay.pk]

    with django_assert_num_queries(1):
        found = first_between(ann, everybody)
    assert {pk: name for pk, (name, _handle) in found.items()} == {
        dora.pk: "Carl Test",
        fay.pk: "Abe Test",
        zed.pk: "Carl Test",
        carl.pk: "Zed Test",
    }

    Member.objects.filter(pk=abe.pk).update(is_active=False)
    assert first_between(ann, everybody)[fay.pk] == (zed.name, zed.handle)
