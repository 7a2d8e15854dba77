"""An operator's directory comes in from CSV files."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from accounts import clock
from accounts.models import Block, Connection, Invitation, Member, Reach
from billing.models import Entry, Subscription, Wallet
from config.importing import connections as connection_import
from config.importing import members as member_import

HEADER = "email,full_name,headline,company,location,time_zone,language,plan,open_profile,accepts_inmail,joined_on"
ADA = "ada@members.example,Ada Okafor,Teacher,School,Leeds,Europe/London,en,free,no,everyone,2024-02-29"
BEN = "ben@members.example,Ben Haddad,Engineer,Cedar Labs,Łódź,Europe/Warsaw,pl,premium-business,yes,premium,2023-01-01"
CLEO = "cleo@members.example,佐藤 裕美子,,,,Asia/Tokyo,zh,,,nobody,"
GOOD = "\n".join([HEADER, ADA, BEN, CLEO])
PAIRS = "email_a,email_b,connected_on\nada@members.example,ben@members.example,2024-05-06"
AT = datetime(2026, 11, 22, 11, tzinfo=UTC)

Import = Callable[..., str]


@pytest.fixture(autouse=True)
def _catalog(db: None) -> object:
    call_command("load_catalog", "standard", verbosity=0, stdout=io.StringIO())
    with clock.set_to(AT):
        yield


@pytest.fixture
def bring_in(tmp_path: Path) -> Import:
    """Runs the command on texts (or bytes) and gives all that it wrote; a refusal comes at its end."""

    def run(people: str | bytes, pairs: str | None = None, **options: object) -> str:
        file, told = tmp_path / "people.csv", io.StringIO()
        file.write_bytes(people if isinstance(people, bytes) else people.encode())
        if pairs is not None:
            (tmp_path / "pairs.csv").write_text(pairs)
            options["connections"] = tmp_path / "pairs.csv"
        try:
            call_command("import_members", file, stdout=told, stderr=told, **options)
        except CommandError as refusal:
            told.write(str(refusal))
        return told.getvalue()

    return run


def rows(*changed: str) -> str:
    return "\n".join([HEADER, *changed])


def row(**changed: str) -> str:
    """Ada's row with some cells changed."""
    cells = dict(zip(HEADER.split(","), ADA.split(","), strict=True)) | changed
    return ",".join(cells.values())


def test_members_come_in_with_everything_they_need(bring_in: Import) -> None:
    assert "people.csv: 3 new, 0 unchanged, 0 refused." in bring_in(GOOD, PAIRS)
    ada, ben, cleo = Member.objects.select_related("profile", "reach").order_by("email")
    assert (ada.name, ada.time_zone, ada.joined_at) == (
        "Ada Okafor",
        "Europe/London",
        datetime(2024, 2, 29, tzinfo=UTC),
    )
    assert (ada.profile.headline, ada.profile.company, ada.profile.location) == ("Teacher", "School", "Leeds")
    assert not ada.has_usable_password()
    assert ada.is_active
    assert (ben.name_folded, ben.profile.search_text) == ("ben haddad", "ben haddad engineer cedar labs lodz")
    assert (ben.reach.who, ben.reach.wants_open_profile) == (Reach.Who.PREMIUM, True)
    assert (cleo.name, cleo.language, cleo.joined_at, cleo.reach.who) == ("佐藤 裕美子", "zh", AT, Reach.Who.NOBODY)
    addresses = EmailAddress.objects.values_list("email", "verified", "primary")
    assert set(addresses) == {(member.email, True, True) for member in (ada, ben, cleo)}
    assert Connection.objects.get().connected_at == datetime(2024, 5, 6, tzinfo=UTC)


def test_a_plan_is_subscribed_and_its_first_credits_granted(bring_in: Import) -> None:
    bring_in(GOOD)
    held = Subscription.objects.get()
    assert (held.wallet.member.name, held.anchor_at) == ("Ben Haddad", AT)
    assert Wallet.objects.get(member__name="Ben Haddad").balance == held.plan_version.allotment == 15
    assert Entry.objects.count() == 1


def test_a_second_run_changes_nothing(bring_in: Import) -> None:
    bring_in(GOOD, PAIRS)
    before = list(Member.objects.order_by("pk").values())
    told = bring_in(GOOD.replace("Teacher", "Painter").replace("ada@", "ADA@"), PAIRS)
    assert "people.csv: 0 new, 3 unchanged, 0 refused." in told
    assert "pairs.csv: 0 new, 1 unchanged, 0 refused." in told
    assert list(Member.objects.order_by("pk").values()) == before
    assert Entry.objects.count() == 1


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_usual_csv_is_read(bring_in: Import, separator: str, mark: bytes, end: str) -> None:
    text = GOOD.replace(",", separator).replace("\n", end) + end
    assert "3 new, 0 unchanged, 0 refused" in bring_in(mark + text.encode())


def test_columns_in_another_order_and_only_the_needed_ones(bring_in: Import) -> None:
    assert "1 new" in bring_in("Full_Name , EMAIL\nAda Okafor,ada@members.example\n")
    assert Member.objects.get().time_zone == "UTC"


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"email": "not-an-email"}, "line 2, email: Enter a valid email address."),
        ({"email": ""}, "line 2, email: It is empty."),
        ({"full_name": ""}, "line 2, full_name: It is empty."),
        ({"full_name": "\u200b\u2800"}, "line 2, full_name:"),
        ({"full_name": "\u202eGnikcab"}, "line 2, full_name: Take out the invisible character U+202E."),
        ({"full_name": "L" * 101}, "line 2, full_name: It has 101 characters; at most 100 fit."),
        ({"headline": "a\x00b"}, "line 2, headline: Take out the invisible character U+0000."),
        ({"headline": "x" * 161}, "line 2, headline: It has 161 characters; at most 160 fit."),
        ({"company": "x" * 101}, "line 2, company:"),
        ({"location": "x" * 101}, "line 2, location:"),
        ({"time_zone": "Mars/Olympus"}, "line 2, time_zone: There is no time zone “Mars/Olympus”."),
        ({"time_zone": "../../etc/passwd"}, "line 2, time_zone:"),
        ({"language": "tlh"}, "line 2, language: There is no language “tlh”."),
        ({"plan": "platinum-deluxe"}, "line 2, plan: “platinum-deluxe” is none of: free,"),
        ({"open_profile": "maybe"}, "line 2, open_profile: “maybe” is none of: yes, no."),
        ({"accepts_inmail": "friends"}, "line 2, accepts_inmail: “friends” is none of: everyone, premium, nobody."),
        ({"joined_on": "2023-02-29"}, "line 2, joined_on: “2023-02-29” is no day."),
        ({"joined_on": "29.02.2024"}, "line 2, joined_on:"),
        ({"joined_on": "20240229"}, "line 2, joined_on:"),
        ({"joined_on": "2026-11-23"}, "line 2, joined_on: 2026-11-23 is in the future"),
        ({"joined_on": "0001-01-01"}, "line 2, joined_on:"),
    ],
)
def test_a_faulty_cell_is_named_and_stops_nobody_else(bring_in: Import, cells: dict[str, str], fault: str) -> None:
    told = bring_in(rows(row(**cells), BEN))
    assert fault in told
    assert "1 new, 0 unchanged, 1 refused" in told
    assert Member.objects.get().name == "Ben Haddad"


def test_all_faults_of_a_row_are_told_at_once(bring_in: Import) -> None:
    told = bring_in(rows(row(email="x", full_name="", plan="gold", joined_on="soon")))
    for column in ("email", "full_name", "plan", "joined_on"):
        assert f"people.csv, line 2, {column}: " in told
    assert "0 new, 0 unchanged, 1 refused" in told


def test_rows_of_another_length_are_refused_whole(bring_in: Import) -> None:
    told = bring_in(rows("m@members.example,Too few,Teacher", ADA + ",extra,extra", BEN))
    assert "line 2: It has 3 columns where the header has 11." in told
    assert "line 3: It has 13 columns where the header has 11." in told
    assert "1 new" in told


def test_a_quotation_mark_that_never_closes_is_named(bring_in: Import) -> None:
    told = bring_in(rows(BEN, row(full_name='"Ada'), CLEO))
    assert "line 3: A cell goes on over several lines. Is a quotation mark missing?" in told
    assert "1 new" in told


def test_a_monstrous_cell_is_one_faulty_row(bring_in: Import) -> None:
    told = bring_in(rows(row(headline="x" * 200_000), BEN))
    assert "line 2: This row cannot be read" in told
    assert "1 new" in told


def test_blank_lines_are_skipped_and_spaces_trimmed(bring_in: Import) -> None:
    told = bring_in(rows("", ",,,,,,,,,,", " , ".join(f" {cell} " for cell in ADA.split(",")), "", BEN))
    assert "2 new, 0 unchanged, 0 refused" in told
    assert Member.objects.get(email="ada@members.example").profile.company == "School"


def test_a_formula_stays_text(bring_in: Import) -> None:
    bring_in(rows(row(full_name='"=HYPERLINK(""x"")"')))
    assert Member.objects.get().name == '=HYPERLINK("x")'


def test_the_same_address_twice_is_told_whatever_its_case(bring_in: Import) -> None:
    told = bring_in(rows(ADA, BEN, ADA.replace("ada@", "ADA@")))
    assert "line 4, email: Line 2 has the same address." in told
    assert "2 new, 0 unchanged, 1 refused" in told


def test_an_open_profile_without_the_plan_is_a_warning(bring_in: Import) -> None:
    told = bring_in(rows(row(open_profile="yes")))
    assert "line 2, open_profile: Taken without the Open Profile: the plan has none." in told
    assert "1 new, 0 unchanged, 0 refused" in told
    assert not Reach.objects.get().wants_open_profile


def test_somebodys_second_address_is_refused(bring_in: Import) -> None:
    member = Member.objects.create_user(email="first@members.example", name="First")
    EmailAddress.objects.create(user=member, email="ada@members.example", verified=True)
    assert "line 2, email: A member has it as a second address." in bring_in(rows(ADA))


def test_a_sign_up_that_nobody_confirmed_does_not_hold_the_address(bring_in: Import) -> None:
    squatter = Member.objects.create_user(email="ada@members.example", name="Squatter", is_active=False)
    EmailAddress.objects.create(user=squatter, email=squatter.email, verified=False, primary=True)
    assert "1 new" in bring_in(rows(ADA))
    assert Member.objects.get().name == "Ada Okafor"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (f"{HEADER}\n".encode() + b"caf\xe9@x.example\n", f"is not UTF-8: byte {len(HEADER) + 5}, on line 2, is 0xE9."),
        (GOOD.encode() + b"\xe2\x82", "is not UTF-8: byte"),
        (GOOD.encode("utf-16"), "is not UTF-8: byte 1, on line 1, is 0xFF."),
        (b"", "has no header"),
        (b"name,mail\nAda,ada@x.example\n", "The header lacks: email, full_name."),
        (b"email,full_name,shoe_size\n", "The header has unknown columns: shoe_size."),
        (b"email,full_name,email\n", "The header names a column twice."),
    ],
)
def test_a_file_that_is_none_is_refused_before_anything_is_written(
    bring_in: Import, content: bytes, sentence: str
) -> None:
    assert sentence in bring_in(content)
    assert not Member.objects.exists()


def test_a_wrong_byte_after_a_megabyte_is_found_in_its_place(bring_in: Import) -> None:
    good = (f"{HEADER}\n" + f"{ADA}\n" * 20_000).encode()
    told = bring_in(good[: (1 << 20) - 1] + "é".encode() + b"\xff" + good)
    assert f"byte {(1 << 20) + 2}" in told


def test_a_refused_row_is_an_exit_code(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(rows(row(email="bad")))
    with pytest.raises(CommandError, match="Rows refused: 1") as refusal:
        call_command("import_members", tmp_path / "people.csv", stdout=io.StringIO(), stderr=io.StringIO())
    assert refusal.value.returncode == 1


def test_a_missing_file_is_one_sentence() -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_members", "/nowhere/people.csv")


def test_a_dry_run_reports_the_same_and_writes_nothing(bring_in: Import) -> None:
    text, pairs = rows(ADA, row(email="bad"), BEN), PAIRS + "\nada@members.example,who@members.example,2024-01-01"
    dry = bring_in(text, pairs, dry_run=True)
    assert not Member.objects.exists()
    assert "Nothing was written." in dry
    assert dry.replace("Nothing was written.\n", "") == bring_in(text, pairs)


def test_strict_writes_nothing_if_any_row_is_faulty(bring_in: Import) -> None:
    told = bring_in(rows(ADA, row(email="bad")), strict=True)
    assert "Nothing was written." in told
    assert not Member.objects.exists()
    bring_in(rows(ADA, BEN), PAIRS + "\nada@members.example,nobody@members.example,", strict=True)
    assert not Member.objects.exists()
    assert "2 new, 0 unchanged, 0 refused" in bring_in(rows(ADA, BEN), PAIRS, strict=True)
    assert Connection.objects.count() == 1


def test_faulty_connections_are_told_by_line(bring_in: Import) -> None:
    pairs = "\n".join(
        [
            PAIRS,
            "BEN@members.example,ada@members.example,2024-05-07",
            "ada@members.example,ADA@members.example,2024-05-07",
            "who@members.example,whom@members.example,2024-05-07",
            "ada@members.example,cleo@members.example,2024-02-30",
            "not an address,cleo@members.example,2024-02-28",
            ",cleo@members.example,2024-02-28",
        ]
    )
    told = bring_in(GOOD, pairs)
    assert "pairs.csv, line 3: Line 2 has the same pair." in told
    assert "line 4, email_b: Nobody is connected with themselves." in told
    assert "line 5, email_a: No member has this address." in told
    assert "line 5, email_b: No member has this address." in told
    assert "line 6, connected_on: “2024-02-30” is no day." in told
    assert "line 7, email_a: Enter a valid email address." in told
    assert "line 8, email_a: It is empty." in told
    assert "pairs.csv: 1 new, 0 unchanged, 6 refused." in told


def test_an_imported_connection_respects_blocks_and_answers_invitations(bring_in: Import) -> None:
    bring_in(GOOD)
    ada, ben, cleo = Member.objects.order_by("email")
    Block.objects.create(blocker=cleo, blocked=ada, blocked_at=AT)
    Invitation.objects.create(sender=ben, recipient=ada, sent_at=AT)
    told = bring_in(GOOD, PAIRS + "\nada@members.example,cleo@members.example,2024-05-06")
    assert "line 3: One of the two blocked the other." in told
    assert Invitation.objects.get().state == Invitation.State.ACCEPTED
    assert Connection.objects.count() == 1


def test_chunks_meet_without_a_gap(bring_in: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_import, "CHUNK", 2)
    monkeypatch.setattr(connection_import, "CHUNK", 2)
    people = [row(email=f"p{n}@members.example") for n in range(7)]
    pairs = [f"p{n}@members.example,p{n + 1}@members.example,2024-01-01" for n in range(6)]
    told = bring_in(rows(*people), "\n".join(["email_a,email_b,connected_on", *pairs]))
    assert "people.csv: 7 new" in told
    assert "pairs.csv: 6 new" in told
    assert Connection.objects.count() == 6
