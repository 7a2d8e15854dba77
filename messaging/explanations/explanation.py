"""What a help page says of one code."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """`title` names the case, `meaning` says what it is, `ways` what the reader can do."""

    title: str
    meaning: tuple[str, ...]
    ways: tuple[str, ...] = ()
