"""Dates and times as Postern writes them."""
