"""`manage.py up` as an operator meets it: one command starts all, one signal stops all, trouble is one sentence."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import redis
from django.conf import settings

from config.devstack import dies_with_parent, free_port
from tests.processes import make_tables, until

# Each runner has an SQLite of its own, whichever engine the suite is on.
pytestmark = [pytest.mark.slow, pytest.mark.worker, pytest.mark.once]


class Run:
    """One runner with a data folder and a port of its own."""

    def __init__(self, folder, **environment):
        self.folder, self.port = folder, environment.pop("PORT", None) or str(free_port())
        inherited = {name: value for name, value in os.environ.items() if name not in {"REDIS_URL", "DATABASE_URL"}}
        given = {"DEBUG": "true", "DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(folder)}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--no-demo"],
            env={**inherited, **given, "PORT": self.port, "SITE_URL": f"http://localhost:{self.port}", **environment},
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=dies_with_parent(),
        )
        self.text = ""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.text += line

    def pids(self, name):
        return [int(pid) for pid in re.findall(rf"up     \| {name} started, process (\d+)", self.text)]

    def says(self, words):
        return until(lambda: words in self.text, seconds=40)

    def get(self, path):
        connection = http.client.HTTPConnection("localhost", int(self.port), timeout=5)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def family(self):
        """All processes of this run, however deep, by the data folder in their environment."""
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._is_ours(pid)]

    def _is_ours(self, pid):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return False
            # A broker writes its name over its environment.
            return pid in self.pids("broker") or f"DATA_DIR={self.folder}".encode() in Path(
                f"/proc/{pid}/environ"
            ).read_bytes().split(b"\0")
        return False

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        self.reader.join(5)
        return self.process.returncode


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """The tables of a site: making them takes longer than everything else."""
    path = tmp_path_factory.mktemp("made") / "postern.sqlite3"
    make_tables(path)
    return path


@pytest.fixture
def run(tmp_path, database):
    started = []

    def start(folder=tmp_path / "data", **environment):
        if not folder.exists():
            folder.mkdir()
            shutil.copy(database, folder)
        started.append(Run(folder, **environment))
        return started[-1]

    yield start
    for one in started:
        one.end()


def test_one_command_serves_a_page_and_one_signal_ends_it_all(run):
    site = run()
    site.says("ready: http://localhost")
    assert site.get("/healthz") == (200, "ok\n")
    site.says("worker | ")
    assert len(site.family()) >= 5

    site.process.send_signal(signal.SIGINT)
    site.process.wait(30)

    assert site.process.returncode == 0
    site.says("stopped")
    assert site.family() == []
    assert "Traceback" not in site.text


def test_a_killed_runner_leaves_nothing_behind(run):
    site = run()
    site.says("money@")
    site.says("worker@")
    assert len(site.family()) >= 8

    site.process.kill()

    until(lambda: site.family() == [], seconds=5)


def test_a_process_that_is_killed_comes_back_and_a_line_says_so(run):
    site = run()
    site.says("worker@")

    for name in ("web", "money", "worker", "beat", "broker"):
        os.kill(site.pids(name)[0], signal.SIGKILL)

    for name in ("web", "money", "worker", "beat", "broker"):
        site.says(f"{name} ended (signal SIGKILL); it starts again")
        until(lambda name=name: len(site.pids(name)) == 2)
    until(lambda: _answers(site), seconds=20)
    until(lambda: "broker late" not in site.get("/readyz")[1])


def _answers(site):
    with contextlib.suppress(OSError):
        return site.get("/readyz")[0] == 200
    return False


def test_two_copies_run_side_by_side(run, tmp_path):
    one, other = run(tmp_path / "one"), run(tmp_path / "other")

    one.says("ready: ")
    other.says("ready: ")

    assert one.get("/healthz") == other.get("/healthz") == (200, "ok\n")


# --- Trouble is one sentence --------------------------------------------------------------------------


def _refusal(site):
    site.process.wait(60)
    site.reader.join(5)
    assert site.process.returncode == 1
    assert "Traceback" not in site.text
    return site.text.strip()


def test_a_port_that_is_taken(run):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        assert _refusal(run(PORT=str(port))) == (
            f"Port {port} is taken by another program: PORT={port + 1} bin/run moves."
        )


def test_a_port_that_is_no_port(run):
    assert _refusal(run(PORT="eighty")) == "PORT is 'eighty': say a number from 1 to 65535."


def test_a_data_folder_in_use(run):
    first = run()
    first.says("ready: ")

    assert "uses" in _refusal(run(first.folder))
    assert first.get("/healthz")[0] == 200


def test_a_data_folder_that_is_a_file(run, tmp_path):
    (tmp_path / "file").write_text("")

    assert "cannot be written" in _refusal(run(tmp_path / "file"))


def test_a_disk_that_is_full(run):
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    folder = Path(os.environ["DATA_DIR"]) / "full"
    folder.mkdir(exist_ok=True)
    (folder / "up.lock").symlink_to("/dev/full")

    assert _refusal(run(folder)) == f"The disk is full: make room where {folder} lies."


def test_a_broker_that_cannot_be_reached(run):
    assert "named by REDIS_URL cannot be reached" in _refusal(run(REDIS_URL="redis://127.0.0.1:1/0"))


def test_a_database_that_cannot_be_reached(run):
    said = _refusal(run(DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing"))

    assert said.startswith("The database named by DATABASE_URL cannot be reached: ")
    assert said.endswith("Connection refused.")


def test_a_package_that_is_missing():
    code = "import sys; sys.modules['uvicorn'] = None; sys.argv = ['manage.py', 'up']; import manage; manage.main()"
    tried = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "true"},
        capture_output=True,
        text=True,
    )

    assert tried.returncode == 1
    assert tried.stderr.startswith("The package uvicorn is missing here")


def test_unsafe_settings(run):
    assert "postern.E004: ALLOWED_HOSTS is *" in _refusal(run(DEBUG="false", ALLOWED_HOSTS="*"))


def test_a_new_database_is_made_ready_on_redis_of_ones_own(run):
    site = run(REDIS_URL=settings.REDIS_URL)
    site.says("ready: ")

    assert redis.Redis.from_url(settings.REDIS_URL).ping()
    assert site.pids("broker") == []
