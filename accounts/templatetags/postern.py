"""How people, instants, credits and money are written: one spelling for every page.

Instants are shown in the zone that is active, which the middleware sets to the member's.
"""

import zlib
from datetime import datetime, timedelta
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.http import HttpRequest
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from accounts import clock

register = template.Library()

HUES = 8
CURRENCY_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
CURRENCIES_WITHOUT_MINOR_UNITS = frozenset({"JPY", "KRW", "CLP", "ISK", "VND"})
# A full stop after one of these does not end a sentence.
TITLES = frozenset({"Dr", "Mr", "Mrs", "Ms", "Prof", "St", "Jr", "Sr"})

_shown_at: WeakKeyDictionary[HttpRequest, datetime] = WeakKeyDictionary()


@register.simple_tag
def icon(name: str, classes: str = "ico") -> SafeString:
    """A picture that repeats words beside it; alone it needs an `aria-label` on what holds it."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        _sprite(),
        name,
    )


def _sprite() -> str:
    return static("img/icons.svg")


# --- People -----------------------------------------------------------------------------------


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word: "Ada Okafor" is AO."""
    words = [word for word in str(name).split() if word[0].isalnum()] or ["?"]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


@register.filter
def hue(handle: str) -> int:
    """The ground of an avatar, 1 to 8: always the same for one handle."""
    return zlib.crc32(str(handle).encode()) % HUES + 1


# --- Credits and money --------------------------------------------------------------------------


@register.filter
def delta(credits: int) -> str:
    """A change with its sign, minus as U+2212: +1, −1."""
    return f"+{credits:,}" if credits > 0 else f"{credits:,}".replace("-", "\u2212")


@register.filter
def money(minor_units: int, currency: str = "USD") -> str:
    """Minor units with their currency: 2999 of USD is $29.99, 1000 is $10; a minus stands before the sign."""
    if currency in CURRENCIES_WITHOUT_MINOR_UNITS:
        amount = f"{abs(minor_units):,}"
    else:
        whole, rest = divmod(abs(minor_units), 100)
        amount = f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"
    sign = "\u2212" if minor_units < 0 else ""
    return f"{sign}{CURRENCY_SIGNS[currency]}{amount}" if currency in CURRENCY_SIGNS else f"{sign}{amount} {currency}"


# --- Sentences ------------------------------------------------------------------------------------


@register.filter
def lead(sentence: str) -> str:
    """A verdict's words up to and with the first full stop."""
    return str(sentence)[: _first_stop(str(sentence))]


@register.filter
def rest(sentence: str) -> str:
    """A verdict's words after the first full stop."""
    return str(sentence)[_first_stop(str(sentence)) :].strip()


@register.filter
def sentence_case(words: str) -> str:
    """allauth's English titles in our case: "Two-Factor Authentication" is "Two-factor authentication"."""
    text = " ".join(str(words).split())
    if not (get_language() or "").startswith("en") or "<" in text:
        return words
    first, *others = text.split(" ")
    lowered = [word if word.isupper() else word.lower() for word in others]
    return " ".join([first if first.isupper() else first.capitalize(), *lowered])


def _first_stop(sentence: str) -> int:
    start = 0
    while (stop := sentence.find(". ", start)) >= 0:
        word = sentence[:stop].rpartition(" ")[2]
        if len(word) > 1 and word not in TITLES:
            return stop + 1
        start = stop + 1
    return len(sentence)


# --- Time -------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def moment(context: Context, instant: datetime) -> SafeString:
    """As short as a list needs: "10:42", "Yesterday", "Mon", "18 Nov", "18 Nov 2025"."""
    local, today = timezone.localtime(instant), timezone.localtime(_at(context)).date()
    age = today - local.date()
    if age == timedelta(0):
        words = _clock_time(local)
    elif age == timedelta(days=1):
        words = _("Yesterday")
    elif timedelta(0) < age < timedelta(days=7):
        words = dateformat.format(local, "D")
    else:
        words = _day(local, with_year=local.year != today.year)
    return _time(instant, words)


@register.simple_tag(takes_context=True)
def day(context: Context, instant: datetime, short: bool = False) -> SafeString:
    """ "20 Feb 2027"; `short` leaves the year out within ten months: "20 Feb"."""
    with_year = not short or abs(instant - _at(context)) > timedelta(days=300)
    return _time(instant, _day(timezone.localtime(instant), with_year=with_year))


@register.simple_tag(takes_context=True)
def stamp(context: Context, instant: datetime) -> SafeString:
    """Day and time of a line in a journal: "21 Nov, 10:42", with the year if it is another."""
    local = timezone.localtime(instant)
    with_year = local.year != timezone.localtime(_at(context)).year
    return _time(instant, f"{_day(local, with_year=with_year)}, {_clock_time(local)}")


@register.simple_tag
def clock_time(instant: datetime) -> SafeString:
    """ "10:42"."""
    return _time(instant, _clock_time(timezone.localtime(instant)))


@register.simple_tag
def deadline(instant: datetime) -> SafeString:
    """To the minute, the zone named: "20 Feb 2027, 10:42 CET"."""
    return _time(instant, deadline_words(instant))


@register.simple_tag(takes_context=True)
def weekday(context: Context, instant: datetime) -> SafeString:
    """The heading of a day in a conversation: "Today", "Yesterday", "Wednesday 18 November"."""
    local, today = timezone.localtime(instant), timezone.localtime(_at(context)).date()
    named = {today: _("Today"), today - timedelta(days=1): _("Yesterday")}
    pattern = pgettext("date format", "l j F") if local.year == today.year else pgettext("date format", "l j F Y")
    words = named.get(local.date()) or dateformat.format(local, pattern)
    return format_html('<time datetime="{}">{}</time>', local.date().isoformat(), words)


def deadline_words(instant: datetime) -> str:
    """The words of `deadline`, for sentences and mails."""
    local = timezone.localtime(instant)
    return f"{_day(local, with_year=True)}, {_clock_time(local)} {local.tzname()}"


def _at(context: Context) -> datetime:
    """The page's time: the view's `at`, else the clock, asked once for a request."""
    if given := context.get("at"):
        return given
    request = context.get("request")
    if request is None:
        return clock.now()
    if request not in _shown_at:
        _shown_at[request] = clock.now()
    return _shown_at[request]


def _time(instant: datetime, words: str) -> SafeString:
    exact = deadline_words(instant)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        instant.isoformat(timespec="seconds"),
        exact,
        words,
    )


def _day(local: datetime, *, with_year: bool) -> str:
    pattern = pgettext("date format", "j M Y") if with_year else pgettext("date format", "j M")
    return dateformat.format(local, pattern)


def _clock_time(local: datetime) -> str:
    return dateformat.format(local, "H:i")


# --- Forms ---------------------------------------------------------------------------------------------


@register.simple_tag
def widget(field: BoundField, counter_id: str = "", size: str = "", placeholder: bool = True) -> SafeString:
    """The field's input in our clothes, described by its hint, its error and its counter."""
    described_by = [
        f"{field.auto_id}_hint" if field.help_text else "",
        f"{field.auto_id}_error" if field.errors else "",
        counter_id,
    ]
    attributes = {
        "class": _classes(field, size),
        "aria-describedby": " ".join(filter(None, described_by)),
    }
    kept: dict[str, str | bool] = {name: value for name, value in attributes.items() if value}
    # Django leaves an attribute out that is False. A placeholder that repeats the label is noise; a browser counts
    # `maxlength` in UTF-16 units and cuts, where a counted field keeps the text and says how much is too many.
    if not placeholder:
        kept["placeholder"] = False
    if counter_id:
        kept["maxlength"] = False
    return field.as_widget(attrs=kept)


def _classes(field: BoundField, size: str) -> str:
    if isinstance(field.field.widget, (CheckboxInput, RadioSelect, CheckboxSelectMultiple)):
        return ""
    return " ".join(filter(None, [field.field.widget.attrs.get("class"), "input", size]))


@register.filter
def kind(field: BoundField) -> str:
    """How a field is laid out: "check" (one box), "group" (several boxes or radios), "input"."""
    if isinstance(field.field.widget, (RadioSelect, CheckboxSelectMultiple)):
        return "group"
    return "check" if isinstance(field.field.widget, CheckboxInput) else "input"


# --- Navigation --------------------------------------------------------------------------------------------


@register.inclusion_tag("components/_navlink.html", takes_context=True)
def navlink(
    context: Context,
    name: str,
    symbol: str,
    label: str,
    *also: str,
    count: int | None = None,
    go: str = "",
    place: str = "",
    live: str = "inbox conversation",
) -> dict[str, object]:
    """One line of the navigation; current on the pages `name` and `also`; reached by the keys g and `go`.

    The count asks for itself again on the hints `live`; `place` tells two counts of one page apart.
    """
    match = getattr(context.get("request"), "resolver_match", None)
    here = match.view_name if match else ""
    current = here in {name, *also}
    return {
        "url": reverse(name),
        "symbol": symbol,
        "label": label,
        "current": current,
        "count": count,
        "go": go,
        "place": place or go or "bar",
        "live": live,
    }


@register.simple_tag(takes_context=True)
def address_with(context: Context, **changes: str) -> str:
    """This page's address with parts of its query changed; an empty value takes the part out."""
    query = {**context["request"].GET.dict(), **changes}
    kept = {name: value for name, value in query.items() if value not in ("", None)}
    return f"?{urlencode(kept)}" if kept else context["request"].path
