"""What a sentence calls a member."""

import unicodedata

TITLES = frozenset({"dr", "mr", "mrs", "ms", "mx", "prof", "sir", "dame", "dipl", "ing"})
# Names in these scripts put the family first, or have no spaces at all.
FAMILY_FIRST = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA")


def first_name(name: str) -> str:
    """ "Mei" for "Mei Tanaka", "Ada" for "Dr. Ada Okafor"; the whole name where the first word is none."""
    words = [word for word in name.split() if word.rstrip(".").casefold() not in TITLES]
    if not words or len(words[0].rstrip(".")) < 2 or _is_family_first(name):
        return name
    return words[0]


def _is_family_first(name: str) -> bool:
    return any(unicodedata.name(letter, "").startswith(FAMILY_FIRST) for letter in name)
