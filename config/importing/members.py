"""Members from a file: profile, reach and plan, no password, a confirmed address to come in by mailed code.

Who is a member already is left as they are, whatever the file says of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.clock import FOREVER
from accounts.handles import new_handle
from accounts.members import unconfirmed
from accounts.models import Member, Profile, Reach
from accounts.search_words import name_key, search_columns
from accounts.site_policy import SitePolicy, policy_in_force
from billing.catalog import versions_in_force
from billing.models import PlanVersion
from billing.models.subscription import Interval
from billing.starts import Start, subscribe_many
from config.importing import cells
from config.importing.chunks import in_chunks
from config.importing.csv_file import CsvFile, Row
from config.importing.report import Fault, Report

REQUIRED = ("email", "full_name")
OPTIONAL = (
    "headline",
    "company",
    "location",
    "time_zone",
    "language",
    "plan",
    "open_profile",
    "accepts_inmail",
    "joined_on",
)
# Rows of one transaction: on SQLite nobody else writes meanwhile.
CHUNK = 200


@dataclass(frozen=True)
class Entry:
    """One good row. `plan` is None for the Free plan."""

    line: int
    email: str
    name: str
    headline: str
    company: str
    place: str
    time_zone: str
    language: str
    plan: PlanVersion | None
    wants_open_profile: bool
    who: str
    joined_at: datetime


class MemberImport:
    """One run over one file. `addresses` holds the hashes of the addresses it takes or knows."""

    def __init__(self, file: CsvFile, *, report: Report, at: datetime, write: bool) -> None:
        self.file, self.report, self.at, self.write = file, report, at, write
        self.addresses: dict[int, int] = {}
        self.policy: SitePolicy = policy_in_force(at)
        self.plans: dict[str, PlanVersion | None] = {
            version.plan.code: version for version in versions_in_force(at).select_related("plan")
        }

    def run(self, *, on_line: Callable[[int], None]) -> None:
        """Read everything; write a chunk at a time."""
        for chunk in in_chunks(self.file, size=CHUNK, read=self._read, report=self.report, on_line=on_line):
            self._take(chunk)

    def _read(self, row: Row) -> Entry | None:
        read = cells.Cells(row)
        entry = Entry(
            line=row.line,
            email=read.read("email", cells.address, empty=""),
            name=read.read("full_name", cells.name, empty=""),
            headline=read.read("headline", cells.line_of(160), empty=""),
            company=read.read("company", cells.line_of(100), empty=""),
            place=read.read("location", cells.line_of(100), empty=""),
            time_zone=read.read("time_zone", cells.time_zone, empty="UTC"),
            language=read.read("language", cells.language, empty="en"),
            plan=self._paid(read.read("plan", cells.one_of(self.plans), empty=None)),
            wants_open_profile=read.read("open_profile", cells.yes_or_no, empty=False),
            who=read.read("accepts_inmail", self._reach, empty=self.policy.default_reach),
            joined_at=read.read("joined_on", cells.day_before(self.at), empty=self.at),
        )
        self._refuse_the_rest(read)
        if read.faults:
            self.report.refuse(read.faults)
            return None
        self.addresses[hash(entry.email)] = entry.line
        return self._with_honest_wish(entry)

    def _refuse_the_rest(self, read: cells.Cells) -> None:
        """What is missing, and an address the file had before."""
        for column in REQUIRED:
            if not read.row.cells[column]:
                read.refuse(column, _("It is empty."))
        typed = read.row.cells["email"].lower()
        if typed and hash(typed) in self.addresses:
            read.refuse("email", _("Line %(n)s has the same address.") % {"n": self.addresses[hash(typed)]})

    def _reach(self, text: str) -> str:
        return cells.one_of({who: who for who in self.policy.reach_choices})(text)

    def _paid(self, version: PlanVersion | None) -> PlanVersion | None:
        return version if version and version.is_paid else None

    def _with_honest_wish(self, entry: Entry) -> Entry:
        if entry.wants_open_profile and not (entry.plan and entry.plan.allows_open_profile):
            reason = _("Taken without the Open Profile: the plan has none.")
            self.report.warn(Fault(entry.line, "open_profile", reason))
            return Entry(**{**vars(entry), "wants_open_profile": False})
        return entry

    def _take(self, chunk: Sequence[Entry]) -> None:
        if not self.write:
            self._count(self._sorted_out(chunk), chunk)
            return
        try:
            fresh = self._write(chunk)
        except IntegrityError:
            # Somebody signed up with one of the addresses at this moment: now they are known.
            fresh = self._write(chunk)
        self._count(fresh, chunk)

    @transaction.atomic
    def _write(self, chunk: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
        unconfirmed().filter(email__in=[entry.email for entry in chunk]).delete()
        fresh, elsewhere = self._sorted_out(chunk)
        _create(fresh, policy=self.policy, at=self.at)
        return fresh, elsewhere

    def _sorted_out(self, chunk: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
        """The new ones, and those whose address is somebody's second one."""
        addresses = [entry.email for entry in chunk]
        members = Member.objects.filter(email__in=addresses).exclude(pk__in=unconfirmed().values("pk"))
        known = set(members.values_list("email", flat=True))
        others = EmailAddress.objects.filter(email__in=addresses, verified=True).exclude(user__email=F("email"))
        second = set(others.values_list("email", flat=True)) - known
        fresh = [entry for entry in chunk if entry.email not in known | second]
        return fresh, [entry for entry in chunk if entry.email in second]

    def _count(self, found: tuple[list[Entry], list[Entry]], chunk: Sequence[Entry]) -> None:
        fresh, elsewhere = found
        for entry in elsewhere:
            del self.addresses[hash(entry.email)]
            self.report.refuse([Fault(entry.line, "email", _("A member has it as a second address."))])
        self.report.new += len(fresh)
        self.report.unchanged += len(chunk) - len(fresh) - len(elsewhere)


def _create(entries: Sequence[Entry], *, policy: SitePolicy, at: datetime) -> None:
    members = Member.objects.bulk_create(_member(entry) for entry in entries)
    pairs = list(zip(members, entries, strict=True))
    Profile.objects.bulk_create(_profile(member, entry) for member, entry in pairs)
    Reach.objects.bulk_create(
        Reach(
            member=member,
            who=entry.who,
            wants_open_profile=entry.wants_open_profile,
            first_contacts_land=policy.first_contact_lands,
        )
        for member, entry in pairs
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=member, email=member.email, verified=True, primary=True) for member in members
    )
    starts = [
        Start(
            member_id=member.pk,
            plan_version=entry.plan,
            interval=Interval.MONTH,
            paid_through=FOREVER,
            anchor_at=at,
        )
        for member, entry in pairs
        if entry.plan
    ]
    if starts:
        subscribe_many(starts, at=at)


def _member(entry: Entry) -> Member:
    return Member(
        email=entry.email,
        name=entry.name,
        name_folded=name_key(entry.name),
        handle=new_handle(entry.name),
        password=make_password(None),
        time_zone=entry.time_zone,
        language=entry.language,
        joined_at=entry.joined_at,
    )


def _profile(member: Member, entry: Entry) -> Profile:
    told = {"headline": entry.headline, "company": entry.company}
    return Profile(
        member=member,
        location=entry.place,
        **told,
        **search_columns(name=entry.name, place=entry.place, **told),
    )
