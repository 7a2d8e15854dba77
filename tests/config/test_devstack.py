"""The embedded servers: up quickly, closed to others, gone with the process that started them."""

import os
import signal
import subprocess
import sys
import time

import pytest
import redis

from config.devstack import start_valkey


def test_valkey_answers_only_with_its_password():
    server = start_valkey()
    try:
        assert redis.Redis.from_url(server.url).ping()
        stranger = redis.Redis(port=int(server.url.rpartition(":")[2].partition("/")[0]), retry=None)
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
    finally:
        server.stop()


def test_a_valkey_that_died_comes_back_at_the_same_address():
    first = start_valkey()
    first.process.kill()
    first.process.wait()
    second = start_valkey(url=first.url)
    try:
        assert second.url == first.url
        assert redis.Redis.from_url(second.url).ping()
    finally:
        second.stop()


def test_a_killed_starter_leaves_no_server_behind():
    code = (
        "import time\nfrom config.devstack import start_valkey\n"
        "print(start_valkey().process.pid, flush=True)\ntime.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    server = int(starter.stdout.readline())
    os.kill(server, 0)

    starter.kill()
    starter.wait()

    assert _ends(server)


def _ends(process: int) -> bool:
    for _attempt in range(100):
        try:
            with open(f"/proc/{process}/stat") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    return True
            os.kill(process, signal.SIGCONT)
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False
