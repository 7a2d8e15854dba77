"""Random ids for URLs: they show no volume and cannot be guessed."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
LENGTH = 14


def new_public_id() -> str:
    """Fourteen letters and digits that are not mistaken for one another (about 68 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
