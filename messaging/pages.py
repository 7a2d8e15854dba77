"""Keyset pages of fifty, newest first: a later page costs what the first one does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from messaging.forms import position_of

PAGE_SIZE = 50


@dataclass(frozen=True)
class Page:
    """`older` is what to pass as `before` for the next page; empty = this is the last."""

    rows: list[Any]
    older: str


def older_than(rows: QuerySet[Any], before: tuple[datetime, int] | None, *, by: str) -> QuerySet[Any]:
    """The rows behind a position; `by` names the instant that orders them."""
    if before is None:
        return rows
    instant, row_id = before
    return rows.filter(Q(**{f"{by}__lt": instant}) | Q(**{by: instant, "pk__lt": row_id}))


def later_than(rows: QuerySet[Any], after: tuple[datetime, int] | None, *, by: str) -> QuerySet[Any]:
    """The same for a list of what is to come, soonest first."""
    if after is None:
        return rows
    instant, row_id = after
    return rows.filter(Q(**{f"{by}__gt": instant}) | Q(**{by: instant, "pk__gt": row_id}))


def page_of(rows: QuerySet[Any], *, by: str, soonest_first: bool = False) -> Page:
    """The first fifty, and where the next ones begin. Their ids come first: what is joined to a row is not sorted."""
    ordered = rows.order_by(by, "pk") if soonest_first else rows.order_by(f"-{by}", "-pk")
    ids = list(ordered.values_list("pk", flat=True)[: PAGE_SIZE + 1])
    shown = list(ordered.filter(pk__in=ids[:PAGE_SIZE]))
    older = position_of(getattr(shown[-1], by), shown[-1].pk) if shown and len(ids) > PAGE_SIZE else ""
    return Page(shown, older)
