"""`bin/bench oracle [pages|entrance]`: whether the time of an answer tells what its words hide (A16, A73).

Medians of 30 requests each through the whole of Django, in turns, so that other work on the machine falls on all alike:
pages of a blocker and of a closed account beside those of somebody who takes nobody new; the entrance with a known and
an unknown address.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from bench import stage

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import Member

TIMES = 30
CAUSES = ("nobody", "blocked", "left")
PAGES = {
    "profile": "/p/{}/",
    "composer": "/new/{}/",
    "price": "/new/{}/quote/?purpose=job_offer",
    "introduction": "/new/{}/introduce/",
    "invitation": "/connections/invite/{}/",
}
ENTRANCE: dict[str, tuple[str, dict[str, str]]] = {
    "sign in": ("/accounts/login/", {"login": "", "password": "not the password"}),
    "sign up": ("/accounts/signup/", {"name": "Sue Nu", "email": "", "password1": "a long walk home 7"}),
    "sign in by code": ("/accounts/login/code/", {"email": ""}),
    "password reset": ("/accounts/password/reset/", {"email": ""}),
}


def main() -> None:
    with stage.servers():
        stage.migrate()
        print(stage.machine(), flush=True)
        from django.conf import settings
        from django.test import override_settings

        files = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
        # The limits on tries are not what is measured.
        with override_settings(STORAGES=settings.STORAGES | files, ACCOUNT_RATE_LIMITS=False, SIGNUP_OPEN=True):
            reader, others = community()
            parts = sys.argv[1:] or ["pages", "entrance"]
            if "pages" in parts:
                of_pages(reader, others)
            if "entrance" in parts:
                of_the_entrance()


def of_pages(reader: "Member", others: dict[str, "Member"]) -> None:
    client = signed_in(reader)
    for name, path in PAGES.items():
        tell(name, {cause: look(client, path.format(others[cause].handle)) for cause in CAUSES})


def of_the_entrance() -> None:
    for name, (path, fields) in ENTRANCE.items():
        tell(name, {who: knock(path, fields, who) for who in ("known", "unknown")})


def community() -> tuple["Member", dict[str, "Member"]]:
    """A reader, and one of each of the three, known to a contact of the reader's."""
    from accounts import blocks
    from accounts.models import Connection, Member, Reach
    from accounts.pairs import low_and_high
    from billing.catalog import SHIPPED, load, read_catalog

    load(read_catalog(SHIPPED / "standard.toml"), at=stage.AT)

    def join(name: str) -> Member:
        return Member.objects.create_user(email=f"{name}@example.org", name="Mei Tanaka", password="a long walk home 7")

    reader, through = join("known"), join("through")
    others = {cause: join(cause) for cause in CAUSES}
    for one in (reader, *others.values()):
        Connection.objects.create(**low_and_high(one.pk, through.pk), connected_at=stage.AT)
    Reach.objects.filter(member=others["nobody"]).update(who="nobody")
    blocks.block(blocker=others["blocked"], blocked=reader, at=stage.AT)
    Member.objects.filter(pk=others["left"].pk).update(is_active=False)
    Member.objects.update(joined_at=stage.AT - timedelta(days=400))
    return reader, others


def signed_in(member: "Member") -> "Client":
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client


def look(client: "Client", path: str) -> Callable[[], Any]:
    return lambda: client.get(path)


def knock(path: str, fields: dict[str, str], who: str) -> Callable[[], Any]:
    """A visitor of their own each time, and of the unknown an address of its own."""
    from django.test import Client

    numbers = count()

    def post() -> Any:
        address = "known@example.org" if who == "known" else f"new{next(numbers)}@example.org"
        return Client(SERVER_NAME="localhost").post(path, {name: text or address for name, text in fields.items()})

    return post


def tell(name: str, asks: dict[str, Callable[[], Any]]) -> None:
    took: dict[str, list[float]] = {who: [] for who in asks}
    statuses = {ask().status_code for ask in asks.values()}
    for _ in range(TIMES):
        for who in random.sample(list(asks), len(asks)):
            began = time.perf_counter()
            asks[who]()
            took[who].append(time.perf_counter() - began)
    medians = {who: statistics.median(times) * 1000 for who, times in took.items()}
    ratio = max(medians.values()) / min(medians.values())
    words = ", ".join(f"{who} {median:.1f} ms" for who, median in medians.items())
    print(f"{name:16} {words}: ratio {ratio:.2f} (status {statuses})", flush=True)


if __name__ == "__main__":
    main()
