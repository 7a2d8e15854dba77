"""Billing in the console: records are read-only, what staff do has pages of its own in `config`."""

from . import gifts, payments, plans, records

__all__ = ["gifts", "payments", "plans", "records"]
