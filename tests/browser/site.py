"""The real site under a real browser: `manage.py up` with its demo, as `bin/run` starts it, and its visitors."""

import os
import re
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from config.devstack import dies_with_parent, free_port
from tests.processes import until

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
# Two busy cores: what a person sees in a second may take several here.
PATIENCE_MS = 20_000
EMAIL = re.compile("^E-?mail$")
STAFF = "rosa"
# A refused form answers with one of these, and Chromium calls every such answer an error.
REFUSALS = re.compile(r"the server responded with a status of (400|404|409|413|422)")

expect.set_options(timeout=PATIENCE_MS)


class Site:
    """All processes of one site; everything ends with the tests that started it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        self.log = folder / "log"
        mine = {"DATA_DIR": str(self.data), "PORT": str(self.port), "DJANGO_SETTINGS_MODULE": "tests.browser.settings"}
        not_mine = {"REDIS_URL", "DATABASE_URL", "SECRET_KEY", "DEBUG", "SITE_URL"}
        inherited = {name: value for name, value in os.environ.items() if name not in not_mine}
        self.environment = {**inherited, **mine, **environment}
        self._signed_in: dict[str, Any] = {}

    def start(self) -> None:
        """As bin/run does it: a secret of its own, then everything. Returns when pages are served."""
        subprocess.run([sys.executable, "-m", "config.tryout"], env=self.environment, cwd=ROOT, check=True)
        with self.log.open("wb") as lines:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=dies_with_parent(),
            )
        until(lambda: self.has_said("ready: ") or self.process.poll() is not None, seconds=START_SECONDS)
        assert self.process.poll() is None, self.log.read_text()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)

    def has_said(self, words: str) -> bool:
        return words in self.log.read_text(errors="replace")

    def manage(self, *words: str) -> str:
        """What a command of the operator prints."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sign_ins(self) -> dict[str, str]:
        """The demo's addresses with their passwords."""
        return dict(re.findall(r"(\S+@demo\.example) +(\S+)", (self.data / "demo-sign-ins.txt").read_text()))

    @cached_property
    def _codes(self) -> list[str]:
        return re.findall(r"\b\d{8}\b", (self.data / "demo-sign-ins.txt").read_text())

    def a_code(self) -> str:
        """A recovery code of staff: each opens the console once."""
        return self._codes.pop(0)

    def remember(self, email: str, state: Any) -> None:
        self._signed_in[email] = state

    def remembered(self, email: str) -> Any:
        return self._signed_in.get(email)


class Visitors:
    """Browser sessions on one site; at the end none of them may have met an error or another host."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser, self.site = browser, site
        self.contexts: list[BrowserContext] = []
        self.faults: list[str] = []

    def open(self, **options: Any) -> Page:
        """A visitor nobody knows: a context of its own, its page on the site's address."""
        wide = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", "base_url": self.site.address}
        context = self.browser.new_context(**{**wide, **options})
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        context.on("request", self._watch_host)
        context.on("console", lambda message: self._watch_console(message.type, message.text))
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        return context.new_page()

    def sign_in(self, name: str, **options: Any) -> Page:
        """A member of the demo, by first name: those with a password by it, all others by a mailed code."""
        email = f"{name}@demo.example"
        state = self.site.remembered(email)
        if state is None:
            page = self.open()
            password = self.site.sign_ins().get(email)
            if password:
                by_password(page, email, password, second_factor=self.site.a_code() if name == STAFF else "")
            else:
                by_code(page, email)
            state = page.context.storage_state()
            self.site.remember(email, state)
            page.context.close()
        page = self.open(**{"storage_state": state, **options})
        page.goto("/inbox/")
        return page

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        assert not self.faults, "\n".join(self.faults)

    def _watch_host(self, request: Any) -> None:
        if not request.url.startswith((self.site.address, "data:", "blob:")):
            self.faults.append(f"asked another host: {request.url}")

    def _watch_console(self, kind: str, text: str) -> None:
        if kind == "error" and not REFUSALS.search(text):
            self.faults.append(f"console: {text}")


def by_password(page: Page, email: str, password: str, *, second_factor: str = "") -> None:
    page.goto("/accounts/login/")
    page.get_by_label(EMAIL).fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    if second_factor:
        page.get_by_label("Code").fill(second_factor)
        page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/inbox/")


def by_code(page: Page, email: str) -> None:
    page.goto("/accounts/login/code/")
    page.get_by_label(EMAIL).fill(email)
    page.get_by_role("button", name="Request code").click()
    enter_code(page, email)
    page.wait_for_url("**/inbox/")


def enter_code(page: Page, email: str) -> None:
    """The code of the newest mail to this address, read where a newcomer reads it."""
    page.get_by_label("Code").fill(mailed(page, email, r"^\s*([A-Z0-9]{4,}(?:-[A-Z0-9]{2,})*)\s*$"))
    page.get_by_role("button").filter(has_text=re.compile("Sign in|Confirm|Verify")).first.click()


def mailed(page: Page, email: str, pattern: str) -> str:
    """The first group of `pattern` in the newest mail to this address, as /dev/mail/ shows it."""
    reader = page.context.new_page()
    found = until(lambda: _in_newest_mail(reader, email, pattern), seconds=PATIENCE_MS / 1000, every=0.3)
    reader.close()
    return str(found)


def _in_newest_mail(reader: Page, email: str, pattern: str) -> str | None:
    reader.goto("/dev/mail/")
    mails = reader.get_by_role("listitem").filter(has_text=email)
    if not mails.count():
        return None
    mails.first.get_by_role("link").click()
    match = re.search(pattern, reader.locator("#main").inner_text(), re.MULTILINE)
    return match[1] if match else None
