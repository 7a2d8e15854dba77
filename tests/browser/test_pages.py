"""Every page, in both themes and on every width: accessible, whole, and asking nobody else for anything."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import URLPattern, get_resolver

from tests.browser.pages import CONSOLE, IN_STORIES, MEMBER, NO_PAGES, SEATED, STAFF, TEAM, VISITOR, WITHOUT_PLAN
from tests.browser.site import Visitors

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1440, 900, 390, 320)
HEIGHT = 900
# axe needs a second a page: on a desk and on the smallest phone. Themes differ in colours alone, so the dark one is
# asked about those, and measured.
AXE_WIDTHS = WIDTHS if os.environ.get("POSTERN_DEEP") else (1440, 320)
COLOURS = ["color-contrast", "link-in-text-block"]
# These load every style sheet and film once more, against the pages' policy: tests/test_templates.py reads ours.
ASK_THE_FILES = ["css-orientation-lock", "no-autoplay-audio"]
# Links of mails, and matters before moderators: of Owen, whom a story of the demo leaves alone.
SETUP = """
from accounts import letters
from accounts.clock import now
from accounts.models import Member
from messaging import appeal_links, appealing, conduct
owen = Member.objects.get(email="owen@demo.example")
case = conduct.open_case(about=owen, source="staff", harm=1, key="staff:pages", evidence={}, at=now())
facts = "You wrote the same offer to forty people between nine and ten."
warned = conduct.decide_case(case=case, outcome="warning", rule="bulk", facts=facts, decided_by=None, at=now())
waits = conduct.open_case(about=owen, source="staff", harm=1, key="staff:looked", evidence={}, at=now())
token, letter = (path.split("/")[-2] for path in (letters.unsubscribe_path(owen), appeal_links.appeal_path(warned)))
print(warned.public_id, waits.pk, appealing.waiting().first().pk, token, letter)
"""
MEMBER_ID = 1

# What of a page is wider than it, or too small to hit (24 px, but for links inside sentences).
MEASURE = """() => {
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
  const shown = (box) => box.width > 0 && box.height > 0;
  const inline = (element) => element.matches("a") && getComputedStyle(element).display === "inline";
  const panes = [...document.querySelectorAll("main, .pane, .pane__scroll, .card, .page__in")]
    .filter((pane) => pane.scrollWidth > pane.clientWidth + 1 && !pane.closest(".table-wrap"))
    .filter((pane) => ["auto", "scroll"].includes(getComputedStyle(pane).overflowX));
  const small = [...document.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter((element) => element.checkVisibility() && element.type !== "hidden")
    .filter((element) => !inline(element) && !element.closest(".skip, .vh"))
    .filter((element) => {
      const target = element.labels?.length ? [element, ...element.labels] : [element];
      const boxes = target.map((part) => part.getBoundingClientRect()).filter(shown);
      return boxes.length && !boxes.some((box) => box.width >= 23.5 && box.height >= 23.5);
    });
  return {
    wide,
    panes: panes.map((pane) => pane.className),
    small: small.map((element) => element.outerHTML.slice(0, 120)),
    headings: document.querySelectorAll("h1").length,
    styled: document.querySelectorAll("[style], script:not([src]):not([type='application/json'])").length,
  };
}"""


def names(patterns: list[object], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield prefix + (pattern.name or str(pattern.pattern))
        elif pattern.namespace != "admin":
            yield from names(pattern.url_patterns, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)


def test_every_address_is_looked_at_or_shows_no_page():
    known = {*VISITOR, *MEMBER, *TEAM, *SEATED, *WITHOUT_PLAN, *STAFF, *IN_STORIES, *NO_PAGES}

    assert set(names(get_resolver().url_patterns)) - known == set()


@pytest.fixture(scope="package")
def ids(browser, demo):
    """Made once, however the tests of this file are dealt out."""
    visitors = Visitors(browser, demo)
    page = visitors.sign_in("karim")
    hrefs = page.locator(".row__who a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    conversation = re.search(r"/c/(\w+)/", hrefs[-1])[1]
    page.goto("/requests/")
    request = re.search(r"/c/(\w+)/", page.locator("a[href^='/inbox/c/']").first.get_attribute("href"))[1]
    reported = re.search(r"/report/(\w+)/", page.locator("a[href^='/report/']").first.get_attribute("href"))[1]
    page.goto(f"/inbox/c/{conversation}/")
    message = page.locator(".msg.mine").first.get_attribute("id").removeprefix("m-")
    page = visitors.sign_in("lena")
    page.goto("/team/seats/")
    seat = re.search(r"/seats/(\w+)/", page.locator(".row__who a").first.get_attribute("href"))[1]
    visitors.close()
    made = demo.manage("shell", "-v0", "-c", SETUP).split()[-5:]
    found = dict(zip(("decision", "case", "appeal", "token", "letter"), made, strict=True))
    found |= {"conversation": conversation, "request": request, "message": message, "seat": seat}
    return found | {"reported": reported, "member": MEMBER_ID, "month": f"{datetime.now(UTC):%Y-%m}"}


PEOPLE = {
    "visitor": VISITOR,
    "karim": MEMBER,
    "lena": TEAM,
    "owen": SEATED,
    "sam": WITHOUT_PLAN,
    "rosa": STAFF | CONSOLE,
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_is_accessible_and_fits(visitors, ids, who):
    def look(**options):
        return visitors.open(**options) if who == "visitor" else visitors.sign_in(who, **options)

    light, dark = look(color_scheme="light"), look(color_scheme="dark")
    faults = []
    for name, path in PEOPLE[who].items():
        address = path.format(**ids)
        faults += [f"{name} {fault}" for fault in (*_judged(light, address), *_measured(dark, address))]

    assert not faults, "\n".join(faults)


def _judged(page, address):
    page.goto(address)
    for width in AXE_WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        yield from (f"at {width}: {fault}" for fault in _broken_rules(page, {"type": "tag", "values": RULES}))


def _measured(page, address):
    page.goto(address)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        yield from (f"at {width}: {fault}" for fault in _misfits(page, width))
    yield from (f"in the dark: {fault}" for fault in _broken_rules(page, {"type": "rule", "values": COLOURS}))


def _misfits(page, width):
    found = page.evaluate(MEASURE)
    if found["wide"]:
        yield "the page scrolls sideways"
    if width == 320 and found["panes"]:
        yield f"panes scroll sideways: {found['panes']}"
    if found["small"]:
        yield f"targets under 24 px: {found['small']}"
    if found["headings"] != 1:
        yield f"{found['headings']} h1"
    if found["styled"]:
        yield f"{found['styled']} inline styles or scripts"


def _broken_rules(page, asked):
    off = [] if asked["type"] == "rule" else ASK_THE_FILES
    # Django labels the search field of its lists with a picture, which has its name.
    if "/admin/" in page.url and off:
        off = [*off, "label-title-only"]
    rules = {rule: {"enabled": False} for rule in off}
    options = {"rules": rules, "runOnly": asked, "resultTypes": ["violations"], "preload": False}
    for violation in Axe().run(page, options=options).response["violations"]:
        nodes = [node["html"][:140] for node in violation["nodes"][:3]]
        yield f"{violation['id']} ({violation['help']}): {nodes}"
