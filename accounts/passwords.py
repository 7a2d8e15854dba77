"""What a password may not be made of: the words that everybody guesses first, here and anywhere."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Member

# Besides the site's own name and host.
GUESSED = {"postern", "inmail", "password", "welcome"}
FEWEST_OTHERS = 8


class OtherThanTheSite:
    """Eight characters besides the site's name, its host and the product's words (ASVS V6.2.11)."""

    def validate(self, password: str, user: Member | None = None) -> None:
        """Raises ValidationError."""
        others = password.lower()
        for word in sorted(site_words(), key=len, reverse=True):
            others = others.replace(word, "")
        if others != password.lower() and len(others) < FEWEST_OTHERS:
            raise ValidationError(_("The password is little more than the name of this site."), code="site_words")

    def get_help_text(self) -> str:
        return str(_("Your password can’t be little more than the name of this site."))


class OtherThanACommonOne(CommonPasswordValidator):
    """None of the common ones, and none with a little around it: "Sunshine2026!" is the first that a program tries."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        super().validate(password, user)
        word = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password.lower())
        if word in self.passwords and len(password) - len(word) < FEWEST_OTHERS:
            raise ValidationError(_("The password is a common one with a little around it."), code="dressed")


def site_words() -> set[str]:
    """In small letters, of four and more: "Elbe Alumni" at post.elbe.example guards "elbe", "alumni" and "post"."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    named = re.findall(r"\w{4,}", f"{settings.SITE_NAME} {host}".lower())
    return GUESSED | set(named)
