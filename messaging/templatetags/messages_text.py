"""Text of members on a page: its links made clickable, and the short name in a sentence."""

import re
from urllib.parse import urlsplit

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.look_alikes import mixes_alphabets
from accounts.models import Member
from messaging.names import first_name
from messaging.rows import snippet

register = template.Library()
register.filter(first_name)
register.filter(mixes_alphabets)
register.filter(snippet)

# One greedy run of characters after a fixed prefix: linear in the text, whatever is typed.
LINK = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
# What usually belongs to the sentence around a link.
TRAILING = ".,;:!?)]}’”»…"


@register.filter
def headline(member: Member) -> str:
    """ "Principal designer, Northwind"; the company once."""
    parts = [member.profile.headline, member.profile.company]
    if member.profile.company and member.profile.company in member.profile.headline:
        parts.pop()
    return ", ".join(filter(None, parts))


@register.filter
def linked(text: str) -> SafeString:
    """The text with http and https addresses as links that say nothing about where they are on."""
    pieces: list[SafeString | str] = []
    end = 0
    for match in LINK.finditer(text):
        address = match[0].rstrip(TRAILING)
        pieces += [text[end : match.start()], _link(address)]
        end = match.start() + len(address)
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, text[end:]]))


def _link(address: str) -> SafeString | str:
    shown = _with_plain_host(address)
    if shown is None:
        return address
    return format_html('<a href="{}" rel="nofollow noopener noreferrer ugc">{}</a>', shown, shown)


def _with_plain_host(address: str) -> str | None:
    """The address with its host as the network knows it (punycode): look-alike letters show. None = no address."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except (UnicodeError, ValueError):
        return None
    # A name before @ is there to be taken for the host.
    if not host or "@" in parts.netloc:
        return None
    return parts._replace(netloc=f"{host}{port}").geturl()
