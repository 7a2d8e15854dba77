"""What a charge was for. The ledger knows only an opaque reference; who made it says what it means."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Meaning(NamedTuple):
    """`text` names whom the charge was spent on ("Mei Tanaka"); `url` leads to it."""

    text: str
    url: str


Describe = Callable[[Sequence[str]], Mapping[str, Meaning]]

_describers: list[Describe] = []


def register(describe: Describe) -> None:
    """Called once by the app above, in its `ready()`. `describe` answers any number of references
    with a constant number of queries and leaves out those it does not know.
    """
    if describe not in _describers:
        _describers.append(describe)


def describe(references: Sequence[str]) -> dict[str, Meaning]:
    """The known meanings of these references."""
    meanings: dict[str, Meaning] = {}
    for describer in _describers:
        meanings.update({reference: Meaning(*meaning) for reference, meaning in describer(references).items()})
    return meanings
