"""How names and profiles are folded for search and order: the same in every database and script.

A column for search holds words with single spaces between them. Scripts that write without spaces
(Chinese, Japanese, Thai, …) are cut into single characters, so that one rule finds them all: what
is looked for begins at a word and is followed by the same words in the same order.
"""

import unicodedata

from accounts.text import fold

NAME_KEY_LENGTH = 200
LINE_LENGTH = 1_000
FEWEST_LETTERS = 2
# Han, kana, Bopomofo, Yi; Thai, Lao, Myanmar, Khmer, Tibetan.
WITHOUT_SPACES = (
    (0x0E00, 0x0FFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x312F),
    (0x31F0, 0x31FF),
    (0x3400, 0x9FFF),
    (0xA000, 0xA4CF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)


def name_key(name: str) -> str:
    """What members are sorted and paged by (`Member.name_folded`)."""
    return fold(name)[:NAME_KEY_LENGTH]


def search_columns(*, name: str, headline: str = "", company: str = "", place: str = "") -> dict[str, str]:
    """The columns of Profile that the directory searches. Whoever changes a name or a profile writes them."""
    return {
        "search_text": word_line(name, headline, company, place),
        "company_words": word_line(company),
        "place_words": word_line(place),
    }


def word_line(*texts: str) -> str:
    """Folded words with single spaces between them, as stored in a column for search."""
    return " ".join(word for text in texts for word in words_of(text))[:LINE_LENGTH].strip()


def words_of(text: str) -> list[str]:
    """Folded words of letters, marks and digits; nothing in them is special to LIKE or to a text query."""
    spaced = "".join(character if _is_of_a_word(character) else " " for character in fold(text))
    return [piece for word in spaced.split() for piece in _pieces(word)]


def too_few_letters(text: str) -> bool:
    """Whether something was typed that is too short to search by: under two letters of an alphabet."""
    words = words_of(text)
    alphabetic = not any(_writes_without_spaces(word[0]) for word in words)
    return bool(text.strip()) and alphabetic and sum(map(len, words)) < FEWEST_LETTERS


def _pieces(word: str) -> list[str]:
    spaced = "".join(f" {character} " if _writes_without_spaces(character) else character for character in word)
    return spaced.split()


def _is_of_a_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def _writes_without_spaces(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in WITHOUT_SPACES)
