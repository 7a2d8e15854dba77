"""How alike two texts are: Jaccard similarity of their runs of five words, the recipient's name and company aside.

Domain 8.2. Scripts that write without spaces count by their characters. Pure but for `repeats` and `week_of`, which
read the sender's outreach of the last days. Fast: it runs with every price that is asked for, over up to 350 texts.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.look_alikes import UNSEEN, bare
from accounts.models import Member
from accounts.search_words import WITHOUT_SPACES
from accounts.site_policy import SitePolicy
from messaging.models import Outreach

RUN = 5
LONG = 4
_UNSPACED = "".join(f"{chr(first)}-{chr(last)}" for first, last in WITHOUT_SPACES)
WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
ASCII_WORD = re.compile(r"[a-z0-9]+")
UNSPACED = re.compile(rf"[{_UNSPACED}]+")
# What nobody sees does not cut a word.
TYPED_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:[{UNSEEN}]+[^\W_{_UNSPACED}]+)*")

SENT_TEXT = ("message__public_id", "message__subject", "message__body")

Runs = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Personal:
    """What makes a text look personal without being it: the words of a name and a company.

    Of a script without spaces a name is a phrase, as its single characters are words of their own elsewhere.
    """

    words: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, company: str) -> "Personal":
        name, company = bare(name), bare(company)
        phrases = {*UNSPACED.findall(f"{name} {company}"), *UNSPACED.findall("".join(name.split()))}
        words = WORD.findall(UNSPACED.sub(" ", name))
        firm = WORD.findall(UNSPACED.sub(" ", company))
        # "and" and "S.A." of a company are words of every text.
        own = firm if len(firm) == 1 else [word for word in firm if len(word) >= LONG]
        return cls(frozenset([*words, *own]), tuple(sorted(phrases, key=len, reverse=True)))


NOBODY = Personal()


@dataclass(frozen=True)
class Alike:
    """One earlier text, by its message's public id, and how like it is: 0 to 1."""

    public_id: str
    likeness: float
    runs: Runs


@dataclass(frozen=True)
class Piece:
    """A part of a text as typed, and whether it stands in another text too."""

    text: str
    is_shared: bool


def main_part(subject: str, body: str) -> str:
    """What of a message is compared: the body, unless the subject holds more than it."""
    return subject if len(subject) > len(body) else body


def runs(text: str, *, without: Personal = NOBODY) -> Runs:
    """The runs of five words in a text; of a shorter one the whole."""
    return frozenset(_runs(text, without))


def likeness(one: Runs, other: Runs) -> float:
    """0 for nothing in common, 1 for the same runs."""
    if not one or not other:
        return 0.0
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def week_of(sender: Member, recipient: Member, text: str, *, at: datetime, policy: SitePolicy) -> list[Alike]:
    """The sender's outreach of the last days to others, newest first, each compared with `text` to `recipient`.

    To others: who writes twice to one person repeats nothing in bulk.
    """
    mine = runs(text, without=personal_words(recipient))
    return [
        Alike(public_id, likeness(mine, theirs := runs(body, without=Personal.of(name, company))), theirs)
        for public_id, body, name, company in _recent(sender, recipient, at=at, policy=policy)
    ]


def is_like(text: str, mine: Runs, *, without: Personal, percent: int) -> bool:
    """Whether `text` is at least so like what `mine` are the runs of; sees most texts are not after a few runs.

    Of two that are, at most (100 - percent) / percent of the runs of one are missing in it and found in the other.
    """
    most = len(mine) * (100 - percent) / percent
    missing: set[tuple[str, ...]] = set()
    shared: set[tuple[str, ...]] = set()
    for run in _runs(text, without):
        if run in mine:
            shared.add(run)
        else:
            missing.add(run)
            if len(missing) > most:
                return False
    return 100 * len(shared) >= percent * (len(mine) + len(missing)) > 0


def count_repeats(sender: Member, recipient: Member, text: str, *, at: datetime, policy: SitePolicy) -> int:
    """How many texts of the last days to others `text` is like: what the decision asks, the quick way."""
    mine = runs(text, without=personal_words(recipient))
    percent = policy.duplicate_similarity_percent
    return sum(
        is_like(body, mine, without=Personal.of(name, company), percent=percent)
        for _id, body, name, company in _recent(sender, recipient, at=at, policy=policy)
    )


def repeats(sender: Member, recipient: Member, text: str, *, at: datetime, policy: SitePolicy) -> list[Alike]:
    """Those of them that `text` is like, as the policy in force measures it."""
    return alike(week_of(sender, recipient, text, at=at, policy=policy), policy=policy)


def alike(week: Iterable[Alike], *, policy: SitePolicy) -> list[Alike]:
    least = policy.duplicate_similarity_percent / 100
    return [one for one in week if one.likeness >= least]


def personal_words(member: Member) -> Personal:
    return Personal.of(member.name, member.profile.company)


def pieces(text: str, others: Iterable[Alike], *, without: Personal = NOBODY) -> list[Piece]:
    """The text as typed, cut where what stands in another text too begins and ends."""
    theirs: Runs = frozenset().union(*(other.runs for other in others))
    found, place = [], 0
    for start, end in _shared_spans(list(_spans(text, without)), theirs):
        found += [Piece(text[place:start], False), Piece(text[start:end], True)]
        place = end
    return [piece for piece in [*found, Piece(text[place:], False)] if piece.text]


def own_percent(parts: Iterable[Piece]) -> int:
    """How much of a text, in its pieces, stands in no other, by its characters."""
    parts = list(parts)
    whole = sum(len(part.text) for part in parts)
    return round(100 * sum(len(part.text) for part in parts if not part.is_shared) / whole) if whole else 100


def _recent(
    sender: Member, recipient: Member, *, at: datetime, policy: SitePolicy
) -> Iterator[tuple[str, str, str, str]]:
    since = at - timedelta(days=policy.duplicate_window_days)
    sent = Outreach.objects.filter(message__sender=sender, message__sent_at__gt=since, message__undone_at=None)
    to_others = sent.exclude(message__recipient=recipient).order_by("-message__sent_at")
    person = ("message__recipient__name", "message__recipient__profile__company")
    for key, subject, body, name, company in to_others.values_list(*SENT_TEXT, *person):
        yield key, main_part(subject, body), name, company


def _runs(text: str, without: Personal) -> Iterable[tuple[str, ...]]:
    words = _words(text, without)
    if len(words) <= RUN:
        return [tuple(words)] if words else []
    return zip(*(words[start:] for start in range(RUN)), strict=False)


def _words(text: str, without: Personal) -> list[str]:
    folded = bare(text)
    for phrase in without.phrases:
        folded = folded.replace(phrase, " ")
    # The whole alphabet of most texts once they are folded, and thrice as fast.
    words = ASCII_WORD if folded.isascii() else WORD
    return [word for word in words.findall(folded) if word not in without.words]


def _spans(text: str, without: Personal) -> Iterator[tuple[int, int, str]]:
    """Each word of the text as typed that counts, folded, with its place."""
    for phrase in without.phrases:
        text = text.replace(phrase, " " * len(phrase))
    for match in TYPED_WORD.finditer(text):
        for word in WORD.findall(bare(match[0])):
            if word not in without.words:
                yield match.start(), match.end(), word


def _shared_spans(spans: list[tuple[int, int, str]], theirs: Runs) -> list[tuple[int, int]]:
    """From where to where runs stand in `theirs` too, joined where they overlap; of up to five words the whole."""
    length = min(RUN, len(spans))
    found: list[tuple[int, int]] = []
    for first in range(len(spans) - length + 1) if length else ():
        run = spans[first : first + length]
        if tuple(word for _start, _end, word in run) in theirs:
            overlaps = found and run[0][0] < found[-1][1]
            begins = found.pop()[0] if overlaps else run[0][0]
            found.append((begins, run[-1][1]))
    return found
