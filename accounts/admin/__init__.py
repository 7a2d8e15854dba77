"""Accounts in the console: members, how they stand to one another, teams; no message text anywhere."""

from . import records, teams

__all__ = ["records", "teams"]
