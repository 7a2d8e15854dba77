"""What every page of the console's own does first and last: ask for the right, and stand in the admin's frame."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def need(request: HttpRequest, right: str) -> None:
    """Raises PermissionDenied for staff without this right."""
    if not request.user.has_perm(right):
        raise PermissionDenied


def page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """templates/admin/<name>.html. Shown in answer to a POST, it was refused: 422."""
    status = 422 if request.method == "POST" else 200
    return render(request, f"admin/{name}.html", {**admin.site.each_context(request), **context}, status=status)
