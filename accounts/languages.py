"""The languages that members can say they like to be written to in: Django's names for the codes of ISO 639."""

from django.conf.global_settings import LANGUAGES
from django.utils.translation import gettext_lazy as _

# Regional variants are left out: whom one writes to reads the language, not its flag.
LANGUAGE_NAMES = {code: _(name) for code, name in [*LANGUAGES, ("zh", "Chinese")] if "-" not in code}
