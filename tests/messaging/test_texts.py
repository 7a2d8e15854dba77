"""What members may type: refused with a sentence, never cut (domain 7.2)."""

import pytest

from accounts.site_policy import SitePolicy
from messaging.forms import ComposeForm, DraftForm

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"


def compose(**typed: str) -> ComposeForm:
    words = {"purpose": "press", "subject": "Subject", "body": "Text", "send_key": "key-of-the-form"} | typed
    return ComposeForm(words, policy=SitePolicy(version=1), asks_purpose=True, asks_subject=True)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("subject", "x" * 200),
        ("body", "x" * 2_000),
        ("body", "é" * 2_000),
        ("body", "e\u0301" * 2_000),
        ("body", FAMILY * 285),
        ("body", "\r\n".join("x" * 1_000)),
        ("body", "שלום \u202bעולם\u202c"),
        ("subject", "نامه\u200cای برای شما"),
    ],
)
def test_text_up_to_the_limit_is_taken_counted_in_code_points(field, text):
    form = compose(**{field: text})

    assert form.is_valid(), form.errors


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("subject", "x" * 201),
        ("body", "x" * 2_001),
        ("body", FAMILY * 286),
        ("body", "\U0001f600" * 2_001),
        ("subject", "two\nlines"),
        ("subject", "turned \u202e around"),
        ("subject", "null \x00"),
        ("body", "null \x00"),
        ("body", "half \ud800"),
        ("subject", "\u200b\u2800\u3164"),
        ("body", " \u200b\n\u2800"),
        ("body", "x" + "\u0301" * 9),
        ("subject", ""),
        ("body", ""),
        ("purpose", "nonsense"),
    ],
)
def test_text_beyond_is_refused_with_a_sentence(field, text):
    form = compose(**{field: text})

    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert all(len(sentence) > 5 for sentence in form.errors[field])


@pytest.mark.parametrize("key", ["", "short", "x" * 41, "with space in it", "null\x00null\x00"])
def test_a_send_key_is_one_that_we_made(key):
    assert "send_key" in compose(send_key=key).errors


def test_a_draft_keeps_over_long_text_and_refuses_what_no_database_stores():
    words = {"purpose": "", "subject": "s" * 300, "body": "x" * 5_000, "send_key": "key-of-the-form"}

    assert DraftForm(words).is_valid()
    assert not DraftForm(words | {"body": "null \x00"}).is_valid()
