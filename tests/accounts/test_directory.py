"""Finding members by words and filters, on both databases alike."""

from collections.abc import Callable
from datetime import datetime

import pytest

from accounts import blocks, directory
from accounts.models import Connection, Member, Profile, Reach, RefusedPurpose
from accounts.search_words import search_columns, too_few_letters, words_of

PEOPLE = (
    ("Marika Semenowicz", "Structural engineer", "Szmajda i syn s.c.", "Iława"),
    ("Andrée-Claude Benoit", "Site reliability engineer", "Fernandez S.A.R.L.", "Muller-sur-Mer"),
    ("佐藤 裕美子", "Talent partner", "株式会社清水通信", "川崎市高津区"),
    ("เอนกพงศ์ นิติสาขา", "Teacher", "ห้างหุ้นส่วน", "กรุงเทพ"),
    ("الآنسة جنى البديري", "Account executive", "الشحوح", "الرياض"),
    ("Bảo Tấn Lê", "Product designer", "Bùi và đối tác", "TP. Hồ Chí Minh"),
    ("김민준", "Data scientist", "네이버", "서울"),
    ("O'Brien 100%_a", "C++ & 50% discounts", "Under_score", "Leeds"),
)


@pytest.fixture
def community(person: Callable[..., Member]) -> dict[str, Member]:
    members = {}
    for name, headline, company, place in PEOPLE:
        member = person(name)
        Profile.objects.filter(member=member).update(
            headline=headline,
            company=company,
            location=place,
            **search_columns(name=name, headline=headline, company=company, place=place),
        )
        members[name] = member
    return members


def names(ada: Member, **asked: object) -> set[str]:
    return {member.name for member in directory.search(ada, **asked)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("marika", {"Marika Semenowicz"}),
        ("MARIKA seme", {"Marika Semenowicz"}),
        ("engineer", {"Marika Semenowicz", "Andrée-Claude Benoit"}),
        ("ilawa szmajda", {"Marika Semenowicz"}),
        ("andree-cl", {"Andrée-Claude Benoit"}),
        ("claude andree", {"Andrée-Claude Benoit"}),
        ("s.a.r", {"Andrée-Claude Benoit"}),
        ("gineer", set()),
        ("佐藤", {"佐藤 裕美子"}),
        ("藤", {"佐藤 裕美子"}),
        ("藤佐", set()),
        ("清水通信 talent", {"佐藤 裕美子"}),
        ("นิติ", {"เอนกพงศ์ นิติสาขา"}),
        ("البديري", {"الآنسة جنى البديري"}),
        ("bao tan", {"Bảo Tấn Lê"}),
        ("민", set()),
        ("김민", {"김민준"}),
        ("o'bri", {"O'Brien 100%_a"}),
        ("100%", {"O'Brien 100%_a"}),
        ("50", {"O'Brien 100%_a"}),
        ("%%%%%%", set()),
        ("under_", {"O'Brien 100%_a"}),
        ("a:* | b & !c <-> 'x", set()),
        ("' \\ \\' ''", set()),
        ("% engineer _", {"Marika Semenowicz", "Andrée-Claude Benoit"}),
    ],
)
def test_every_word_begins_a_word(ada: Member, community: dict[str, Member], words: str, found: set[str]) -> None:
    assert names(ada, words=words) == found


def test_one_letter_finds_nobody_but_one_character_may(ada: Member, community: dict[str, Member]) -> None:
    assert too_few_letters("m")
    assert too_few_letters(" % ")
    assert not too_few_letters("藤")
    assert not too_few_letters("")
    assert names(ada, words="m") == set()


def test_company_and_place_are_their_own(ada: Member, community: dict[str, Member]) -> None:
    assert names(ada, company="fernandez") == {"Andrée-Claude Benoit"}
    assert names(ada, place="fernandez") == set()
    assert names(ada, place="ho chi") == {"Bảo Tấn Lê"}
    assert names(ada, words="engineer", place="iława") == {"Marika Semenowicz"}


def test_long_names_in_any_script_fit_their_columns(person: Callable[..., Member]) -> None:
    for name in ("ﷺ" * 100, "김" * 100, "ß" * 100, "漢" * 100):
        person(name)
    assert words_of("김") == ["김"]


def test_a_deactivated_member_and_oneself_are_not_listed(ada: Member, ben: Member, cleo: Member) -> None:
    Member.objects.filter(pk=ben.pk).update(is_active=False)
    assert names(ada) == {"Cleo Rossi"}


def test_a_blocker_stays_listed_like_one_who_takes_nothing(
    ada: Member, ben: Member, cleo: Member, person: Callable[..., Member], at: datetime
) -> None:
    blocks.block(blocker=ben, blocked=ada, at=at)
    Reach.objects.filter(member=cleo).update(who=Reach.Who.NOBODY)
    Reach.objects.update(wants_open_profile=True)
    person("Dana Levi")
    assert names(ada) == {"Ben Haddad", "Cleo Rossi", "Dana Levi"}
    assert names(ada, purpose="press") == {"Dana Levi"}
    assert names(ada, open_profile=True) == set()
    Reach.objects.filter(member__name="Dana Levi").update(wants_open_profile=True)
    assert names(ada, open_profile=True) == {"Dana Levi"}


def test_the_purpose_filter_leaves_out_who_refuses_it(ada: Member, ben: Member, cleo: Member) -> None:
    RefusedPurpose.objects.create(member=ben, purpose="sales")
    assert names(ada, purpose="sales") == {"Cleo Rossi"}
    assert names(ada, purpose="press") == {"Ben Haddad", "Cleo Rossi"}


def test_the_degree_filter(ada: Member, ben: Member, cleo: Member, at: datetime) -> None:
    Connection.objects.create(low=ada, high=ben, connected_at=at)
    Connection.objects.create(low=ben, high=cleo, connected_at=at)
    assert [names(ada, degree=degree) for degree in (1, 2, 3)] == [{"Ben Haddad"}, {"Cleo Rossi"}, set()]


def test_pages_of_fifty_go_on_and_back_without_a_gap(ada: Member, person: Callable[..., Member]) -> None:
    for number in range(120):
        person(f"Same Name {number % 3}")
    everybody = directory.search(ada)
    first = directory.page(everybody)
    second = directory.page(everybody, after=first.next)
    third = directory.page(everybody, after=second.next)
    assert [len(page.members) for page in (first, second, third)] == [50, 50, 20]
    assert first.members + second.members + third.members == list(everybody)
    assert (first.previous, third.next) == ("", "")
    assert directory.page(everybody, before=third.previous).members == second.members
    back = directory.page(everybody, before=second.previous)
    assert (back.members, back.previous) == (first.members, "")


def test_an_unknown_page_is_the_first_one(ada: Member, ben: Member) -> None:
    assert directory.page(directory.search(ada), after="nobody-of-this-name").members == [ben]


def test_a_page_takes_the_same_queries_at_any_size(
    ada: Member, person: Callable[..., Member], django_assert_num_queries: Callable[..., object]
) -> None:
    for number in range(60):
        person(f"Person {number}")
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        page = directory.page(directory.search(ada, words="person"))
        assert [member.profile.headline + member.reach.who for member in page.members]
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        directory.page(directory.search(ada, words="person"), after=page.next)
