"""Templates obey the content policy `script-src 'self'; style-src 'self'`: nothing inline, ours and allauth's alike."""

import gzip
import re
from pathlib import Path

import allauth
import pytest
from django.template.loader import get_template

pytestmark = pytest.mark.once

OURS = Path(__file__).resolve().parent.parent / "templates"
ALLAUTHS = Path(allauth.__file__).parent / "templates"
# Pages of sign-up by telephone and by other sites, which Postern does not offer.
NOT_SERVED = ("phone", "socialaccount", "headless", "idp", "openid")
PLAYING = re.compile(r"<(audio|video|object|embed|iframe)\b|new Audio\(")
INLINE = re.compile(
    r"""\sstyle=|\son[a-z]+=["']|javascript:|<style|<script(?![^>]*(?:\bsrc=|type="application/json"))"""
)


def test_no_template_of_ours_has_inline_style_or_script() -> None:
    pages = [page for page in OURS.rglob("*.html") if page.parent.name != "mail"]
    assert len(pages) > 50
    assert [page for page in pages if INLINE.search(page.read_text())] == []


def test_no_served_page_of_allauth_has_inline_style_or_script() -> None:
    names = [str(page.relative_to(ALLAUTHS)) for page in ALLAUTHS.rglob("*.html")]
    served = [name for name in names if not any(word in name for word in NOT_SERVED)]
    assert len(served) > 50
    sources = {name: Path(get_template(name).origin.name).read_text() for name in served}  # type: ignore[attr-defined]
    assert [name for name, source in sources.items() if INLINE.search(source)] == []


def test_a_mail_loads_nothing_from_elsewhere() -> None:
    for mail in (OURS / "mail").glob("*.html"):
        assert not re.search(r"<img|<link|<script|url\(|@import", mail.read_text()), mail


def test_no_page_plays_anything_nor_cares_how_a_phone_is_held() -> None:
    """What axe would look for in every file of every page (css-orientation-lock, no-autoplay-audio)."""
    sheets = list(OURS.parent.joinpath("static/css").rglob("*.css"))
    assert len(sheets) > 20
    assert [sheet for sheet in sheets if "orientation" in sheet.read_text()] == []
    scripts = OURS.parent.joinpath("static/js").glob("*.js")
    assert [file for file in (*OURS.rglob("*.html"), *scripts) if PLAYING.search(file.read_text())] == []


def test_the_two_themes_differ_in_colours_alone() -> None:
    """So that layout is judged in one of them: `light-dark()` takes colours only; nothing else asks for the theme."""
    asking = re.compile(r"prefers-color-scheme|\[data-theme[^\]]*\]\s*\{(?!\s*color-scheme:\s*\w+;?\s*\})")
    sheets = OURS.parent.joinpath("static/css").rglob("*.css")
    assert [sheet for sheet in sheets if asking.search(sheet.read_text())] == []


def test_our_scripts_keep_their_budget() -> None:
    """6 KB in all, compressed as they are served (interface 10)."""
    scripts = OURS.parent.joinpath("static/js").glob("*.js")
    assert sum(len(gzip.compress(file.read_bytes())) for file in scripts) <= 6 * 1024
