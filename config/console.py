"""The admin console: Django's admin behind allauth and a second factor, with today's figures first."""

from typing import Any

from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts.clock import now
from config import (
    console_adjustments,
    console_appeals,
    console_books,
    console_cases,
    console_figures,
    console_gifts,
    console_member,
    console_orders,
    console_queue,
    console_simulator,
    console_teams,
    console_versions,
)

PAGES = {
    **console_books.PAGES,
    **console_adjustments.PAGES,
    **console_orders.PAGES,
    **console_gifts.PAGES,
    **console_versions.PAGES,
    **console_teams.PAGES,
    **console_simulator.PAGES,
    **console_queue.PAGES,
    **console_cases.PAGES,
    **console_appeals.PAGES,
}


class Console(AdminSite):
    """One site. Staff without a second factor are sent to set one up; other members get 403."""

    site_title = gettext_lazy("Postern admin")
    site_header = gettext_lazy("Postern admin")
    index_title = gettext_lazy("Today")
    index_template = "admin/today.html"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and has_second_factor(request)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign-in is allauth's. Who is signed in but not let in is told why."""
        here = request.GET.get("next") or reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(here, settings.LOGIN_URL)
        if not request.user.is_staff:
            raise PermissionDenied
        messages.warning(request, _("The console needs a second factor. Set one up first."))
        return redirect("mfa_index")

    def password_change(  # type: ignore[override]  # the admin calls it a page of its own; here it leads to allauth's
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """allauth's page: it ends the other sessions and tells the member by mail."""
        return redirect("account_change_password")

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        at = now()
        today = {
            "today": console_figures.today(at=at),
            "jobs": console_figures.jobs(at=at),
            "conduct": console_queue.counts(),
            "outstanding": console_figures.outstanding(at=at),
            **console_figures.ledger_check(),
        }
        return super().index(request, {**today, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            path(f"accounts/member/<int:member_id>/{name}/", self.admin_view(view), name=f"member_{name}")
            for name, view in console_member.PAGES.items()
        ]
        pages = [path(address, self.admin_view(view), name=name) for name, (address, view) in PAGES.items()]
        return [*own, *pages, *super().get_urls()]


def has_second_factor(request: HttpRequest) -> bool:
    return get_mfa_adapter().is_mfa_enabled(request.user)
