"""The settings of a site to try out, whose style sheets a browser may keep: it asks for fifty of them a page."""

from config.settings import *  # noqa: F403

WHITENOISE_MAX_AGE = 3600
