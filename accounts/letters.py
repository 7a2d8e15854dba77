"""What a mail says: written from its notice at the moment of sending, in text and in HTML with the same words."""

import hashlib
import unicodedata
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.signing import BadSignature, Signer
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member, Notice
from accounts.preferences import MESSAGE, is_switchable, switch_of, takes_mail

HEADER_MAX = 200
BREAKING = {"Cc", "Cs", "Zl", "Zp"}
# One purpose: the signature opens nothing but the switch for mail of one kind.
_unsubscribing = Signer(salt="accounts.letters.unsubscribe")


def write(notice: Notice) -> EmailMultiAlternatives:
    """The mail, ready to be sent."""
    zone = notice.member.time_zone if notice.member else "UTC"
    with timezone.override(ZoneInfo(zone)):
        facts = _facts(notice)
        text = _plain(f"mail/{notice.kind}.txt", facts).strip()
        mail = EmailMultiAlternatives(
            subject=header(_plain(f"mail/{notice.kind}_subject.txt", facts)),
            body=f"{text}\n",
            to=[_address(notice)],
            headers=_headers(notice, facts),
        )
        mail.attach_alternative(_html(notice.kind, facts | {"text": text, "subject": mail.subject}), "text/html")
    return mail


def is_wanted(notice: Notice) -> bool:
    """Whether the member, as they are now, still takes this mail. Mail to a bare address is always wanted."""
    member = notice.member
    if member is None:
        return True
    return member.is_active and takes_mail(member, notice.kind, in_requests=bool(notice.context.get("in_requests")))


def header(words: str) -> str:
    """One line for a mail header. Django refuses line feeds only; U+000B to U+001F, U+0085 and U+2028 cut as well."""
    kept = "".join(" " if unicodedata.category(character) in BREAKING else character for character in words)
    return " ".join(kept.split())[:HEADER_MAX]


def unsubscribe_path(member: Member, kind: str = MESSAGE) -> str:
    """The page, open to who is signed out, that ends mail of this kind to this member."""
    value = str(member.pk) if kind == MESSAGE else f"{member.pk}-{kind}"
    return reverse("accounts:unsubscribe", args=[_unsubscribing.sign(value)])


def unsubscribing(token: str) -> tuple[Member, str] | None:
    """Whose mail of which kind the link ends; None for a token that we did not make."""
    try:
        member_id, _dash, kind = _unsubscribing.unsign(token).partition("-")
        member = Member.objects.filter(pk=int(member_id)).first()
    except (BadSignature, ValueError):
        return None
    kind = kind or MESSAGE
    return (member, kind) if member is not None and is_switchable(kind) else None


def _address(notice: Notice) -> str:
    return notice.member.email if notice.member else notice.address


def _facts(notice: Notice) -> dict[str, Any]:
    """The notice's own context, and: site_name, site_url, member, url (of its `path`), unsubscribe_url (if any)."""
    site: dict[str, Any] = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "member": notice.member}
    if "path" in notice.context:
        site["url"] = f"{settings.SITE_URL}{notice.context['path']}"
    switch = switch_of(notice.kind)
    if notice.member and is_switchable(switch):
        site["unsubscribe_url"] = f"{settings.SITE_URL}{unsubscribe_path(notice.member, switch)}"
    return notice.context | site


def _headers(notice: Notice, facts: dict[str, Any]) -> dict[str, str]:
    name = hashlib.sha256(notice.key.encode()).hexdigest()[:40]
    headers = {
        "Message-ID": f"<{name}@{urlsplit(settings.SITE_URL).hostname}>",
        # Away messages are not to answer us (RFC 3834, and its like at Microsoft).
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if "unsubscribe_url" in facts:
        headers["List-Unsubscribe"] = f"<{facts['unsubscribe_url']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _plain(template: str, facts: dict[str, Any]) -> str:
    """Text needs no escaping: "Ada & Bo", not "Ada &amp; Bo"."""
    rendered: str = get_template(template).template.render(Context(facts, autoescape=False))  # type: ignore[attr-defined]
    return rendered


def _html(kind: str, facts: dict[str, Any]) -> str:
    try:
        return render_to_string(f"mail/{kind}.html", facts)
    except TemplateDoesNotExist:
        return render_to_string("mail/paragraphs.html", facts | {"paragraphs": _paragraphs(facts)})


def _paragraphs(facts: dict[str, Any]) -> list[dict[str, str]]:
    """The text above its signature. Only our own addresses become links: a browser's name may look like one."""
    words = facts["text"].partition("\n-- \n")[0].split("\n\n")
    return [{"kind": _kind(paragraph, facts), "words": paragraph.strip()} for paragraph in words if paragraph.strip()]


def _kind(paragraph: str, facts: dict[str, Any]) -> str:
    if paragraph.strip() == facts.get("code"):
        return "code"
    return "link" if paragraph.startswith(facts["site_url"]) and " " not in paragraph.strip() else "text"
