"""docs/asvs.md has a row for each requirement, counts them truly, and names files and settings that exist."""

import re
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
ASVS = (ROOT / "docs/asvs.md").read_text()
# Levels 1 and 2 of version 5.0.0, and of level 3 V1.2.10, V3.4.7-8, V3.5.8, V6.3.8, V15.4.2-3 and V16.5.4.
REQUIREMENTS = {
    1: "1:1-2 2:1-10 3:1-11 4:1-3 5:1-2",
    2: "1:1-3 2:1-3 3:1-4 4:1",
    3: "2:1-2 3:1-4 4:1-8 5:1-5,8 7:1-2",
    4: "1:1-3 2:1 3:1-2 4:1-4",
    5: "1:1 2:1-3 3:1-2 4:1-3",
    6: "1:1-3 2:1-12 3:1-4,8 4:1-4 5:1-5 6:1-3 8:1-4",
    7: "1:1-3 2:1-4 3:1-2 4:1-5 5:1-2 6:1-2",
    8: "1:1-2 2:1-3 3:1 4:1",
    9: "1:1-3 2:1-4",
    10: "1:1-2 2:1-2 3:1-4 4:1-11 5:1-5 6:1-2 7:1-3",
    11: "1:1-2 2:1-3 3:1-3 4:1-4 5:1 6:1",
    12: "1:1-3 2:1-2 3:1-4",
    13: "1:1 2:1-5 3:1-2 4:1-5",
    14: "1:1-2 2:1-4 3:1-3",
    15: "1:1-3 2:1-3 3:1-7 4:2-3",
    16: "1:1 2:1-5 3:1-4 4:1-3 5:1-4",
    17: "1:1 2:1-4 3:1-2",
}
STATES = {"met", "n.a.", "operator", "gap"}


def required() -> list[str]:
    return [
        f"V{chapter}.{section}.{number}"
        for chapter, sections in REQUIREMENTS.items()
        for section, numbers in (part.split(":") for part in sections.split())
        for numbers_from_to in numbers.split(",")
        for number in numbers_of(numbers_from_to)
    ]


def numbers_of(words: str) -> range:
    first, _dash, last = words.partition("-")
    return range(int(first), int(last or first) + 1)


def rows() -> list[list[str]]:
    """Of the chapters: id, matter, state, how."""
    return [line.strip("| ").split(" | ") for line in ASVS.splitlines() if line.startswith("| V")]


def test_every_requirement_has_its_row_once_and_in_order() -> None:
    assert [row[0] for row in rows()] == required()
    assert len(required()) == 253 + 8


def test_a_row_says_in_our_words_what_the_state_is_and_why() -> None:
    for identity, matter, state, how in rows():
        assert state in STATES, identity
        assert 1 <= len(matter.split()) <= 6, identity
        assert how, identity


def test_the_head_counts_the_rows_and_the_gaps_stand_first() -> None:
    counted = Counter(row[2] for row in rows())
    head = " ".join(ASVS.split("## Gaps")[0].split())
    said = re.search(
        r"Of (\d+) requirements (\d+) are met, (\d+) do not apply, (\d+) are the operator's to meet, (\d+) are gaps\.",
        head,
    )
    assert said is not None
    states = (counted["met"], counted["n.a."], counted["operator"], counted["gap"])
    assert tuple(map(int, said.groups())) == (len(rows()), *states)
    assert re.findall(r"^\| \[(V[\d.]+)\]", ASVS, re.MULTILINE) == [row[0] for row in rows() if row[2] == "gap"]


def test_every_file_and_setting_that_is_named_exists() -> None:
    named = set(re.findall(r"`([^`]+)`", ASVS)) | set(re.findall(r"\]\((?!http|#)([^)]+)\)", ASVS))
    paths = {name for name in named if re.fullmatch(r"[\w-][\w.-]*/[\w./-]+|[\w-]+\.(py|txt|md)", name)}
    assert len(paths) > 50
    missing = [path for path in paths if not (ROOT / path).exists() and not (ROOT / "docs" / path).exists()]
    assert missing == []
    settings = (ROOT / "config/settings.py").read_text()
    words = {name.removesuffix("_FILE") for name in named if re.fullmatch(r"[A-Z_]{5,}", name)}
    assert {word for word in words if not re.search(rf"\b{word}\b", settings)} == set()


def test_a_link_to_a_chapter_leads_to_its_heading() -> None:
    headings = {
        re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in re.findall(r"^## (.+)$", ASVS, re.M)
    }
    assert set(re.findall(r"\(#([^)]+)\)", ASVS)) <= headings
