"""Addresses in a text become links that give nothing away and hide nothing."""

import time

import pytest

from messaging.rows import snippet
from messaging.templatetags.messages_text import linked

REL = 'rel="nofollow noopener noreferrer ugc"'


def test_an_address_is_a_link_without_the_full_stop_after_it() -> None:
    assert linked("See https://cedar.example/role. Now") == (
        f'See <a href="https://cedar.example/role" {REL}>https://cedar.example/role</a>. Now'
    )


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://bank.example@evil.example/",
        "ftp://x.example",
        "http://",
        "https://[::1",
    ],
)
def test_anything_else_stays_text(text: str) -> None:
    assert "<a " not in linked(text)


def test_look_alike_letters_in_a_host_are_shown_as_the_network_knows_them() -> None:
    assert "https://xn--pple-43d.example/" in linked("https://аpple.example/")


def test_markup_in_a_text_is_text() -> None:
    page = linked("<script>alert(1)</script> https://x.example/\"onmouseover='alert(1)'")

    assert "<script" not in page
    assert "onmouseover=" not in page.split("</a>")[0]


@pytest.mark.parametrize("text", ["http://" * 10_000, "https://x" + ")" * 60_000, "https://" + "a." * 30_000])
def test_no_text_takes_long(text: str) -> None:
    started = time.perf_counter()

    linked(text)

    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize("text", ["👩‍👩‍👧‍👦" * 60, "e\u0323\u0302" * 90, "🇩🇪" * 90, "👍🏽" * 90])
def test_a_snippet_never_ends_inside_a_character(text: str) -> None:
    kept = snippet(text).removesuffix("…")

    assert text.startswith(kept)
    assert text[len(kept)] == text[0]
