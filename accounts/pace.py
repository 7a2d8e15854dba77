"""How many pages about people one member may open: plenty for reading, too few to carry the directory home (A72)."""

from collections import Counter
from datetime import datetime, timedelta

PAGES = 300
WINDOW = timedelta(minutes=15)

_opened: dict[int, Counter[int]] = {}


def is_too_fast(*, member_id: int, at: datetime) -> bool:
    """Counts one page more. Each web process counts for itself: such a limit may be a few times as wide, and costs no
    query.
    """
    window = int(at.timestamp() // WINDOW.total_seconds())
    opened = _opened.get(window)
    if opened is None:
        forget()
        opened = _opened.setdefault(window, Counter())
    opened[member_id] += 1
    return opened[member_id] > PAGES


def forget() -> None:
    _opened.clear()
