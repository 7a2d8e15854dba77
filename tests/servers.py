"""A pytest plugin (`-p tests.servers`): real servers, up before Django's settings are read.

`TEST_DATABASE=sqlite` (the default) or `postgres` chooses the engine; a real Valkey runs for both. pytest-django
reads the settings before the root conftest, so the servers start while this module is imported. Under xdist the
first process starts them and its workers inherit the environment.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from config.devstack import ServerFailed, start_postgres, start_valkey

STARTED = "POSTERN_TEST_SERVERS"


def _start() -> None:
    engine = os.environ.get("TEST_DATABASE", "sqlite")
    if engine not in {"sqlite", "postgres"}:
        raise SystemExit(f"TEST_DATABASE is {engine!r}: say sqlite or postgres.")
    folder = Path(tempfile.mkdtemp(prefix="postern-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        valkey = start_valkey()
        atexit.register(valkey.stop)
        database_url = f"sqlite:///{folder / 'postern.sqlite3'}"
        if engine == "postgres":
            postgres = start_postgres(folder=folder)
            atexit.register(postgres.stop)
            database_url = postgres.url
    except ServerFailed as problem:
        raise SystemExit(str(problem)) from problem
    os.environ.update(
        {
            STARTED: engine,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url,
            "REDIS_URL": valkey.url,
            "DATA_DIR": str(folder),
            "SECRET_KEY": "only-for-tests-" + "0123456789" * 5,
            "DEBUG": "false",
            "SITE_URL": "http://localhost:8000",
        }
    )


def pytest_report_header() -> str:
    return f"database: {os.environ[STARTED]}"


def _take_own_share() -> None:
    """Two xdist workers have a Valkey database each, so that none flushes the other's hints."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if number.isdigit():
        os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{int(number) + 1}"


if STARTED not in os.environ:
    _start()
_take_own_share()
