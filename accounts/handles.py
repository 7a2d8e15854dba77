"""Handles: the short name in a profile's address."""

import re
import secrets

from accounts.text import fold

HANDLE_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")
# Who is called so seems to speak for the site.
RESERVED = frozenset(
    {"abuse", "admin", "administrator", "billing", "help", "moderator", "official", "postern", "postmaster"}
    | {"root", "security", "staff", "support", "system", "team", "webmaster"}
)


def new_handle(name: str) -> str:
    """A handle made from the name, with a random tail so that it is free without asking."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:24].strip("-")
    return f"{words or 'member'}-{secrets.token_hex(4)}"


def is_handle(text: str) -> bool:
    """Whether a member may choose this: 3 to 40 small letters, digits and hyphens, not one of the site's own names."""
    return bool(HANDLE_PATTERN.fullmatch(text)) and text.replace("-", "") not in RESERVED
