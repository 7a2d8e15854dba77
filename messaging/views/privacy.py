"""What a member may know of who looked: which staff opened texts of theirs, when and why."""

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from messaging.forms import PageForm, asked
from messaging.models import TextReading
from messaging.pages import older_than, page_of
from messaging.reading import readings_of
from messaging.views import MemberRequest


@require_safe
def privacy(request: MemberRequest) -> HttpResponse:
    """Newest first. Neither the note nor the message is told: either could name who complained."""
    before = asked(PageForm(request.GET))["before"]
    page = page_of(older_than(readings_of(request.user), before, by="read_at"), by="read_at")
    return render(request, "messaging/privacy.html", {"readings": _together(page.rows), "older": page.older})


def _together(rows: list[TextReading]) -> list[tuple[TextReading, int]]:
    """What was opened at one moment is one line, with the number of texts."""
    lines = groupby(rows, key=lambda row: (row.read_at, row.reader_id, row.reason))
    return [(found[0], len(found)) for _moment, rows_of in lines if (found := list(rows_of))]
