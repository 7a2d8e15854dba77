"""Debian's Chromium under Playwright. Without it these tests are skipped, loudly; never on a CI machine."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.site import Site, Visitors

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WHY = "NO BROWSER TEST RUNS: there is no Chromium here (on Debian: apt-get install chromium)"
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None and os.environ.get("CI") != "true":
                item.add_marker(pytest.mark.skip(reason=WHY))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, for this folder alone: Playwright's event loop would disturb the tests of others."""
    assert CHROMIUM, WHY
    # Chromium's own sandbox refuses to run as root.
    arguments = [*QUIET, "--no-sandbox"] if os.getuid() == 0 else QUIET
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site that `bin/run` makes in an empty folder: stories share it, each with people of its own."""
    site = Site(tmp_path_factory.mktemp("demo"))
    site.start()
    yield site
    site.stop()


@pytest.fixture
def visitors(browser: Browser, demo: Site) -> Iterator[Visitors]:
    """Browser sessions on the demo; at the end none of them may have met an error or another host."""
    opened = Visitors(browser, demo)
    yield opened
    opened.close()
