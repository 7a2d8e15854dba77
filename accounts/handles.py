"""Handles: the short name in a profile's address."""

import re
import secrets

from accounts.text import fold

HANDLE_PATTERN = re.compile(r"^[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])$")


def new_handle(name: str) -> str:
    """A handle made from the name, with a random tail so that it is free without asking."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:24].strip("-")
    return f"{words or 'member'}-{secrets.token_hex(4)}"
