"""What every page is drawn with, for visitors too."""

from django.conf import settings
from django.http import HttpRequest


def theme(request: HttpRequest) -> dict[str, str]:
    """`theme`: light or dark as this browser chose, else empty: the system decides."""
    chosen = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    return {"theme": chosen if chosen in ("light", "dark") else ""}
