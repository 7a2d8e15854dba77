"""Templates obey the content policy `script-src 'self'; style-src 'self'`: nothing inline, ours and allauth's alike."""

import re
from pathlib import Path

import allauth
from django.template.loader import get_template

OURS = Path(__file__).resolve().parent.parent / "templates"
ALLAUTHS = Path(allauth.__file__).parent / "templates"
# Pages of sign-up by telephone and by other sites, which Postern does not offer.
NOT_SERVED = ("phone", "socialaccount", "headless", "idp", "openid")
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
