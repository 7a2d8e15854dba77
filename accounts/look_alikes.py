"""Letters that look like others, and characters that nobody sees: what differs for a machine only (reliability A34)."""

import re
import unicodedata
from functools import cache

from django.conf import settings

from accounts.handles import RESERVED
from accounts.text import fold

# The inside of a regular expression's class.
UNSEEN = "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e"
UNSEEN += "\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\U000e0000-\\U000e0fff"
_UNSEEN_RUN = re.compile(rf"[{UNSEEN}]+")
_LETTERS = str.maketrans("авсԁеһіјкӏмнорԛѕтуѵԝхαβεικνορτυχ", "abcdehijklmhopqstyvwxabeikvoptux")
# In names alone: in a text a number is a number.
_SIGNS = str.maketrans("013457@$|!i", "oleastaslll")
_WORD = re.compile(r"[^\W\d_]+")
# Of the other reserved words some are names of people.
_NOBODYS = frozenset({"admin", "administrator", "moderator", "postmaster", "webmaster"})
_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK"})


def bare(text: str) -> str:
    """As texts are compared: folded, without what nobody sees, each letter as the Latin one that it looks like."""
    return fold(text) if text.isascii() else fold(_UNSEEN_RUN.sub("", text)).translate(_LETTERS)


def speaks_for_the_site(name: str) -> bool:
    """Whether a name passes for one of the site or its staff: "Adrnin", "Postern Support", but not "Ann Staff"."""
    words, site = _words(name), _words(settings.SITE_NAME)
    reserved = _words_of(RESERVED)
    is_made_of_theirs = reserved & {*words} and {*words} <= reserved | {*site}
    return bool(words) and bool(words == site or is_made_of_theirs or _words_of(_NOBODYS) & {*words})


def mixes_alphabets(name: str) -> bool:
    """Whether one word of it has letters of two alphabets that look alike: none is written so."""
    words = (_WORD.findall(name)) if not name.isascii() else []
    return any(len({_alphabet(letter) for letter in word} & _ALPHABETS) > 1 for word in words)


def _alphabet(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


@cache
def _words_of(words: frozenset[str]) -> frozenset[str]:
    return frozenset(found for word in words for found in _words(word))


def _words(name: str) -> list[str]:
    """How its words look from afar."""
    seen = bare(name).translate(_SIGNS).replace("rn", "m").replace("vv", "w")
    return _WORD.findall(seen)
