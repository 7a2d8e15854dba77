"""Several processes as one: prefixed lines, restarts that say so, and one stop for all.

Children are forks of a process that has loaded Django already: they start in no time and share its memory.
Everything happens in the main thread, because the kernel ends a child with the thread that started it.
"""

import multiprocessing
import multiprocessing.process
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from types import FrameType
from typing import IO

from config.devstack import LIBC, Server, dies_with_parent

PR_SET_NAME = 15
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_FIRST = ("beat", "web")
STOP_SECONDS = 15
STEADY_SECONDS = 60
COLOURS = {"web": 36, "money": 32, "worker": 33, "beat": 35, "broker": 34, "demo": 36, "up": 1}
FORK = multiprocessing.get_context("fork")


def say(name: str, line: str) -> None:
    """One line of one process: the time, its name, coloured on a terminal only."""
    label = f"{datetime.now():%H:%M:%S} {name:<6} |"
    if sys.stdout.isatty():
        label = f"\033[{COLOURS.get(name, 0)}m{label}\033[0m"
    print(label, line, flush=True)


class Child:
    """One process of the stack. Started again when it dies, at first at once, then ever more slowly.

    With `comes_back=False` it has one thing to do, and ends.
    """

    def __init__(self, name: str, body: Callable[[], object], *, comes_back: bool = True) -> None:
        self.name = name
        self.body = body
        self.comes_back = comes_back
        self.process: multiprocessing.process.BaseProcess | None = None
        self.started_at = 0.0
        self.wait_seconds = 0.5
        self.start_at = 0.0

    def start(self) -> IO[bytes]:
        """Returns the pipe that its lines come from."""
        reading, writing = os.pipe()
        watch = dies_with_parent()
        self.process = FORK.Process(target=self._become, args=(writing, watch))
        self.process.start()
        os.close(writing)
        self.started_at = time.monotonic()
        return os.fdopen(reading, "rb", buffering=0)

    def is_running(self) -> bool:
        return self.process is not None and self.process.is_alive()

    def is_wanted(self) -> bool:
        """Whether it is time to start it again."""
        return self.process is None and self.comes_back and time.monotonic() >= self.start_at

    def died(self) -> bool:
        """Notes an unexpected end and when to start again."""
        if self.process is None or self.process.is_alive():
            return False
        lived = time.monotonic() - self.started_at
        self.wait_seconds = 0.5 if lived > STEADY_SECONDS else min(self.wait_seconds * 2, 30)
        self.start_at = time.monotonic() + self.wait_seconds
        how = _how(self.process.exitcode or 0)
        say("up", f"{self.name} ended ({how}); it starts again" if self.comes_back else f"{self.name} ended ({how})")
        self.process = None
        return True

    def ask_to_stop(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        if self.process is not None and self.process.pid is not None and self.process.is_alive():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.join()

    def _become(self, writing: int, watch: Callable[[], None]) -> None:
        # In a session of its own: Ctrl-C reaches the runner alone, which then stops everything in order.
        os.setsid()
        watch()
        if LIBC is not None:
            LIBC.prctl(PR_SET_NAME, f"postern-{self.name}".encode())
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        self.body()


class Stack:
    """All children and, if it is ours, the broker."""

    def __init__(self, *, broker: Server | None, restart_broker: Callable[[], Server]) -> None:
        self.broker = broker
        self.restart_broker = restart_broker
        self.children: list[Child] = []
        self.pipes = selectors.DefaultSelector()
        self.halves: dict[IO[bytes], bytes] = {}
        self.is_stopping = False

    def add(self, child: Child) -> None:
        self.children.append(child)
        self._start(child)

    def run(self, *, each_round: Callable[[], None]) -> None:
        """Until a signal asks to stop: pass lines on, start again what died."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        while not self.is_stopping:
            self._pass_lines_on(wait=0.1)
            self._revive()
            each_round()

    def stop(self) -> None:
        """Nothing new first, then the web, then the workers with what they hold, the broker last."""
        until = time.monotonic() + STOP_SECONDS
        first = [child for child in self.children if child.name in STOP_FIRST]
        for group in (first, [child for child in self.children if child not in first]):
            for child in group:
                child.ask_to_stop()
            while any(child.is_running() for child in group) and time.monotonic() < until:
                self._pass_lines_on(wait=0.05)
        for child in self.children:
            child.kill()
        if self.broker:
            self.broker.stop()

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.is_stopping = True

    def _start(self, child: Child) -> None:
        pipe = child.start()
        os.set_blocking(pipe.fileno(), False)
        assert child.process is not None
        self.pipes.register(pipe, selectors.EVENT_READ, (child.name, pipe))
        say("up", f"{child.name} started, process {child.process.pid}")

    def _revive(self) -> None:
        for child in self.children:
            if not child.died() and child.is_wanted():
                self._start(child)
        if self.broker and self.broker.process.poll() is not None:
            say("up", f"broker ended ({_how(self.broker.process.returncode)}); it starts again")
            self.broker = self.restart_broker()
            say("up", f"broker started, process {self.broker.process.pid}")

    def _pass_lines_on(self, *, wait: float) -> None:
        for key, _events in self.pipes.select(wait):
            name, pipe = key.data
            some = pipe.read(65_536)
            *lines, half = (self.halves.pop(pipe, b"") + (some or b"")).split(b"\n")
            for line in lines + ([half] if half and not some else []):
                say(name, line.decode(errors="replace"))
            if some:
                self.halves[pipe] = half
            else:
                self.pipes.unregister(pipe)
                pipe.close()


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
