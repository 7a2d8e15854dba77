"""Who may write first, and about what: only what the site offers, and only the member's own."""

import pytest

from accounts.models import Purpose, Reach, RefusedPurpose
from accounts.reach import CapAboveSite, ReachNotOffered, refused_purposes_of, save_reach

pytestmark = pytest.mark.django_db

ALL = set(Purpose.values)


def save(member, at, **choices):
    usual = {"who": "everyone", "purposes_taken": ALL, "first_contacts_land": "requests", "wants_open_profile": False}
    usual |= {"cap_day": None, "cap_week": None, "hides_caps": False, "shares_receipts": True, "requests_mail": "each"}
    return save_reach(member=member, at=at, **usual | choices)


def test_the_choices_are_kept_and_those_of_others_stay(ada, ben, at):
    save(ada, at, who="nobody", purposes_taken={"press"}, first_contacts_land="inbox", wants_open_profile=True)

    reach = Reach.objects.get(member=ada)
    assert (reach.who, reach.first_contacts_land, reach.wants_open_profile) == ("nobody", "inbox", True)
    assert refused_purposes_of([ada.pk, ben.pk]) == {ada.pk: ALL - {"press"}}
    assert Reach.objects.get(member=ben).who == "everyone"


def test_saving_twice_is_saving_once(ada, at):
    for taken in ({"press"}, {"press"}, ALL, ALL):
        save(ada, at, purposes_taken=taken)

    assert not RefusedPurpose.objects.exists()


def test_a_choice_that_the_site_does_not_offer_is_refused_and_nothing_is_saved(ada, at, rules):
    rules(reach_choices=["everyone"])

    with pytest.raises(ReachNotOffered):
        save(ada, at, who="nobody", purposes_taken=set())

    assert Reach.objects.get(member=ada).who == "everyone"
    assert not RefusedPurpose.objects.exists()


@pytest.mark.parametrize("cap", [{"cap_day": 11}, {"cap_week": 26}, {"cap_day": 0}])
def test_a_cap_above_the_sites_or_of_nobody_is_refused_and_nothing_is_saved(ada, at, cap):
    with pytest.raises(CapAboveSite):
        save(ada, at, who="premium", purposes_taken={"press"}, **cap)

    assert Reach.objects.get(member=ada).who == "everyone"
    assert not RefusedPurpose.objects.exists()


def test_a_choice_made_before_stays_possible(ada, at, rules):
    save(ada, at, who="nobody")
    rules(reach_choices=["everyone"])

    assert save(ada, at, who="nobody", wants_open_profile=True).who == "nobody"


def test_a_refusal_of_a_purpose_that_is_not_offered_now_stays(ada, at, rules):
    save(ada, at, purposes_taken=ALL - {"sales", "press"})
    rules(purposes=["press", "job_offer"])

    save(ada, at, purposes_taken={"press", "job_offer"})

    assert refused_purposes_of([ada.pk]) == {ada.pk: {"sales"}}


def test_the_refusals_of_fifty_cost_one_query(person, at, django_assert_num_queries):
    people = [person(f"Person {number}") for number in range(50)]
    for one in people:
        save(one, at, purposes_taken={"press"})

    with django_assert_num_queries(1):
        assert len(refused_purposes_of([one.pk for one in people])) == 50
