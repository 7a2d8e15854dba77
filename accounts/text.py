"""The one door for text that members type (domain 7.2).

NFC, LF line ends, counted in code points. Single-line text refuses control, line- and
paragraph-separator and bidi-control characters; NUL and lone surrogates are refused everywhere;
only invisible characters count as empty.
"""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters and symbols that print nothing, beyond the categories Cc, Cf, Zs, Zl, Zp.
BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5")
# More marks than this on one letter draw over the neighbouring lines.
MAX_MARKS = 8
# Letters whose stroke or tie Unicode does not take for a mark.
PLAIN_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)
# The two invisible characters that Persian, Hindi and joined emoji are written with.
JOINERS = frozenset("\u200c\u200d")


def clean_name(text: str) -> str:
    """A person's name as stored: one line with a letter or a digit, single spaces, nothing invisible.

    Raises ValidationError. Without this two members could bear names that look the same on every screen.
    """
    name = " ".join(clean_line(text).split())
    for character in name:
        is_hidden = unicodedata.category(character) in {"Cf", "Co", "Cn"} or character in BLANK_LETTERS
        if is_hidden and character not in JOINERS:
            raise _invisible(character)
    if not any(unicodedata.category(character)[0] in "LN" for character in name):
        raise ValidationError(_("Write a name that others can read."))
    return name


def clean_line(text: str) -> str:
    """One line as stored. Raises ValidationError naming what is wrong."""
    line = clean_block(text).strip()
    for character in line:
        if unicodedata.category(character) in {"Cc", "Zl", "Zp"} or character in BIDI_CONTROLS:
            raise _invisible(character)
    return line


def clean_block(text: str) -> str:
    """Text of several lines as stored: NFC, LF. Raises ValidationError for NUL, surrogates, piled marks."""
    block = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in block:
        raise _invisible("\x00")
    if any("\ud800" <= character <= "\udfff" for character in block):
        raise ValidationError(_("This text has half of a character. Type it again."))
    if _piles_marks(block):
        raise ValidationError(_("A letter carries more than %(k)s marks."), params={"k": MAX_MARKS})
    return block


def is_blank(text: str) -> bool:
    """Whether nothing in the text can be seen."""
    return all(
        unicodedata.category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp"} or character in BLANK_LETTERS
        for character in text
    )


def fold(text: str) -> str:
    """For search and order: without case and marks, spaces single. The same on every database."""
    if text.isascii():
        return " ".join(text.lower().split())
    bare = unicodedata.normalize("NFKD", text.casefold())
    # Each mark once, not each letter: whole messages are folded by the hundred.
    for mark in filter(unicodedata.combining, set(bare)):
        bare = bare.replace(mark, "")
    plain = bare if bare.isascii() else bare.translate(PLAIN_LETTERS)
    # Composed again, or one Korean syllable would count as three characters.
    return " ".join(unicodedata.normalize("NFC", plain).split())


def _invisible(character: str) -> ValidationError:
    code = f"{ord(character):04X}"
    return ValidationError(_("Take out the invisible character U+%(code)s."), params={"code": code})


def _piles_marks(text: str) -> bool:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MAX_MARKS:
            return True
    return False
