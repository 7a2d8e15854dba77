"""What every test may use: the shipped catalog, a cast of three, the clock, and real processes.

The sender pays, the recipient is nobody's connection, the outsider must see nothing.
"""

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client, TransactionTestCase

from accounts import pace
from accounts.clock import FOREVER, set_to
from accounts.models import Member, Reach
from billing.catalog import SHIPPED, load, read_catalog, version_in_force
from billing.models.subscription import Interval
from billing.subscriptions import subscribe
from tests.emptying import emptying, lasting
from tests.processes import Web, Worker, flush_broker
from tests.site_map import Community, make_community

MakeMember = Callable[..., Member]

AT = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks as `pages` the files that are named after pages or the console."""
    for item in items:
        if any(word in item.path.stem for word in ("page", "console")) and item.path.stem != "test_unavailable_pages":
            item.add_marker(pytest.mark.pages)


@pytest.fixture(autouse=True)
def unhurried() -> None:
    """No test has opened pages before."""
    pace.forget()


@pytest.fixture
def at() -> datetime:
    """The instant at which a test happens, if it does not say another."""
    return AT


@pytest.fixture
def clock(at: datetime) -> Iterator[datetime]:
    """Views, tasks and commands of this process read `at` from the clock."""
    with set_to(at):
        yield at


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """pytest-django's own, and a quick way to empty the database after tests that commit."""
    with django_db_blocker.unblock():
        empty = emptying()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty())
        yield


@pytest.fixture
def catalog(db: None) -> None:
    """The standard plans and policy, in force for a year."""
    _load_catalog()


@pytest.fixture
def make_member(catalog: None, at: datetime) -> MakeMember:
    """A member by name; `plan` is a plan's code, further fields are those of Reach."""
    return _maker_of_members(at)


def _load_catalog() -> None:
    load(read_catalog(SHIPPED / "standard.toml"), at=AT - timedelta(days=365))


def _maker_of_members(at: datetime) -> MakeMember:
    def make(name: str, *, plan: str | None = None, **reach: Any) -> Member:
        number = Member.objects.count() + 1
        member = Member.objects.create_user(email=f"member{number}@example.org", name=name)
        Member.objects.filter(pk=member.pk).update(joined_at=at - timedelta(days=400))
        Reach.objects.filter(pk=member.pk).update(**reach)
        if plan:
            _give_plan(member, plan, at=at)
        return Member.objects.get(pk=member.pk)

    return make


def _give_plan(member: Member, code: str, *, at: datetime) -> None:
    terms = version_in_force(code, at=at)
    subscribe(
        member=member,
        plan_version=terms,
        interval=Interval.MONTH,
        paid_through=FOREVER,
        started_by=None,
        at=at - timedelta(hours=1),
    )


@pytest.fixture
def sender(make_member: MakeMember) -> Member:
    return make_member("Nadia Osei", plan="premium-business")


@pytest.fixture
def recipient(make_member: MakeMember) -> Member:
    return make_member("Tomas Lind")


@pytest.fixture
def outsider(make_member: MakeMember) -> Member:
    return make_member("Vera Kranz")


@pytest.fixture(scope="module")
def standing_community(django_db_setup: None, django_db_blocker: Any) -> Iterator[Community]:
    """Made once for a file of tests."""

    def make() -> Community:
        with set_to(AT):
            _load_catalog()
            return make_community(_maker_of_members(AT), at=AT)

    with lasting(django_db_blocker, make) as made:
        yield made


@pytest.fixture
def community(standing_community: Community, db: None, clock: datetime) -> Community:
    """A dozen members in every relation to one another, for tests that walk all addresses of the site."""
    return copy.deepcopy(standing_community)


@pytest.fixture
def browse() -> Callable[[Member], Client]:
    """A signed-in client of a member, strict about CSRF as a browser's is."""

    def sign_in(member: Member) -> Client:
        client = Client()
        client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def start_worker(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Worker]]:
    """Real Celery workers on the test's database and broker; all of them end with the test."""
    started: list[Worker] = []

    def start(queues: str = "money,default,mail", **environment: str) -> Worker:
        if not started:
            flush_broker()
        worker = Worker(queues, log=tmp_path_factory.mktemp("worker") / "log", environment=environment)
        started.append(worker)
        worker.wait_until_ready()
        return worker

    yield start
    for worker in started:
        worker.stop()


@pytest.fixture
def site(transactional_db: None) -> Iterator[str]:
    """The address of the ASGI application, served by uvicorn in a thread of this process."""
    web = Web()
    yield web.start()
    web.stop()
