"""What every list of the console has in common: quick at a million rows, read-only unless said."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest
from django.utils.functional import cached_property

# Beyond this a list says "many" rows instead of counting them all.
COUNTED = 10_000


class BoundedPaginator(Paginator):
    """Counts at most COUNTED rows, so that opening a list never scans the table."""

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        return len(self.object_list.values_list("pk")[:COUNTED])  # type: ignore[attr-defined]


class ConsoleModelAdmin(admin.ModelAdmin):
    """The plural name as title, actions on top, no full counts, no facets."""

    paginator = BoundedPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    actions_on_top = True
    actions_on_bottom = False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the list offers: by any other column a text or a secret is guessed letter by letter."""
        column = lookup.split(LOOKUP_SEP)[0]
        offered = {item if isinstance(item, str) else item[0] for item in self.get_list_filter(request)}  # type: ignore[index]
        return (column in offered or column == "id") and super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class RecordAdmin(ConsoleModelAdmin):
    """Rows that nobody edits, not even a superuser: they are written by verbs alone."""

    actions = None

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class MemberSearch:
    """Search by a member's exact address or the beginning of their handle, both indexed."""

    search_help_text: str
    member_path = "member"

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        term = search_term.strip().lower().replace("\x00", "")
        if not term:
            return queryset, False
        lookup = "email" if "@" in term else "handle__startswith"
        return queryset.filter(**{f"{self.member_path}__{lookup}": term}), False
