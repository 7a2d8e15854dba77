"""British order, 24 hours: Django's own format for this language says "11:26 p.m."."""

DATETIME_FORMAT = "j M Y, H:i"
DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
