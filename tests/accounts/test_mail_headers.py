"""No text that a member typed can add a line to a mail's header, whatever Unicode calls the end of a line."""

import sys
import unicodedata
from datetime import timedelta

import pytest

from accounts import letters, notices

BREAKING = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in {"Cc", "Zl", "Zp"}]


@pytest.mark.django_db
def test_no_breaking_character_gets_through(at, settings):
    assert {"\r", "\n", "\x0b", "\x1c", "\x85", "\u2028", "\u2029"} <= set(BREAKING)
    notice = notices.queue(
        address="ada@example.org",
        kind="account/login_code",
        context={},
        key="k",
        due_at=at,
        not_after=at + timedelta(1),
    )
    for character in BREAKING:
        settings.SITE_NAME = f"Ada{character}Bcc: eve@example.org"
        mail = letters.write(notice)
        assert mail.subject == "Your sign-in code for Ada Bcc: eve@example.org"
        head = mail.message().as_bytes().partition(b"\n\n")[0]
        assert not any(line.lower().startswith(b"bcc") for line in head.splitlines())


def test_a_header_is_one_short_line():
    assert letters.header("  a \r\n\x0b b\ud800c ") == "a b c"
    assert len(letters.header("x" * 1000)) == 200
