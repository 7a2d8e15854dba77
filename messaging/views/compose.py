"""Writing a message: whom to, the composer with its price, sending and taking back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import directory
from accounts.busy import Busy, short_wait
from accounts.clock import now
from accounts.connections import connections_of
from accounts.models import Member
from accounts.views import paced
from messaging import drafts, reviewing, sending
from messaging.forms import ChannelForm, ChooseForm, ComposeForm, PurposeForm, asked
from messaging.models import Message
from messaging.names import first_name
from messaging.quotes import HELD, Quote
from messaging.sending import Sent
from messaging.similarity import main_part
from messaging.views import MemberRequest
from messaging.views.composer import TYPED, Composer, shown_quote
from messaging.views.people import listed

SHOWN = 20
# More than any site allows is not compared with other texts: it is refused.
LOOKED_AT = 10_000


@require_safe
@paced
def choose(request: MemberRequest) -> HttpResponse:
    """Whom to write to: connections first, and anybody by name."""
    words = asked(form := ChooseForm(request.GET))["q"]
    people = directory.search(request.user, words=words) if words else connections_of(request.user)
    found = list(_connections_first(people, request.user)[: SHOWN + 1])
    context = {
        "form": form,
        "asked": words,
        "too_short": directory.too_few_letters(words),
        "listed": listed(request.user, found[:SHOWN], at=now()),
        "has_more": len(found) > SHOWN,
    }
    return render(request, "messaging/choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: MemberRequest, handle: str) -> HttpResponse:
    """The composer. Refused text comes back as typed: 409 when the answer changed, 422 when it has a fault."""
    recipient = get_recipient(handle)
    at = now()
    sent = request.GET if request.method != "POST" else request.POST
    chosen = chosen_way(asked(ChannelForm(sent)))
    if request.method != "POST":
        composer = Composer.open(request.user, recipient, at=at, **chosen)
        return _page(request, composer, composer.form(), waiting=composer.waiting)
    typed: dict[str, Any] = {
        "purpose": request.POST.get("purpose", ""),
        "text": main_part(*(request.POST.get(name, "")[:LOOKED_AT] for name in ("subject", "body"))),
    }
    composer = Composer.open(request.user, recipient, at=at, **typed, **chosen)
    form = composer.posted(request.POST)
    if not form.is_valid():
        if "send_key" in form.errors:
            raise BadRequest("The form was not made by this page.")
        return _page(request, composer, form, status=422)
    return _send(request, composer, form)


@require_safe
def quote(request: MemberRequest, handle: str) -> HttpResponse:
    """What sending the kept draft would cost for the purpose in the query: strip, notices, button, price."""
    query = asked(PurposeForm(request.GET))
    chosen = chosen_way(query)
    composer = Composer.open(request.user, get_recipient(handle), at=now(), purpose=query["purpose"], **chosen)
    return render(request, "messaging/_quote_parts.html", composer.strip_context())


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: MemberRequest, public_id: str) -> HttpResponse:
    """Take outreach back before it is delivered; a GET shows the button."""
    message = get_object_or_404(
        Message.objects.filter(sender=request.user).exclude(kind=Message.Kind.ANSWER).select_related("recipient"),
        public_id=public_id,
    )
    if request.method != "POST":
        can_undo = message.undone_at is None and message.deliver_at > now()
        return render(request, "messaging/undo.html", {"message": message, "can_undo": can_undo})
    return _undo(request, message)


def chosen_way(query: dict[str, Any]) -> dict[str, Any]:
    """Over which channel and for whom, as the composer takes them."""
    return {"as_inmail": query["channel"] == "inmail", "sending_for": query["sending_for"]}


def get_recipient(handle: str) -> Member:
    """Anybody with a handle: whether they left or blocked the sender is no page's to tell (domain 6.2)."""
    return get_object_or_404(Member.objects.select_related("profile"), handle=handle)


def _connections_first(people: QuerySet[Member], member: Member) -> QuerySet[Member]:
    is_connected = Q(pk__in=connections_of(member).values("pk"))
    nearest = people.select_related("profile").annotate(is_connected=is_connected)
    return nearest.order_by("-is_connected", "name_folded", "pk")


def _send(request: MemberRequest, composer: Composer, form: ComposeForm) -> HttpResponse:
    text: dict[str, Any] = _text(form)
    shown = shown_quote(request.POST)
    try:
        sent = sending.send(
            sender=request.user,
            recipient=composer.recipient,
            shown=shown,
            at=composer.at,
            as_inmail=composer.as_inmail,
            sending_for=composer.sending_for,
            **text,
        )
    except sending.VerdictChanged as error:
        if error.verdict.once_passed is not None and shown.code == HELD:
            return _hold(request, composer, text, shown)
        changed = composer.facing(error.verdict)
        return _kept(request, changed, text, status=409, changed=True)
    except sending.KeyReused as error:
        # What was typed becomes another message, with a key of its own.
        new = text | {"send_key": drafts.new_send_key()}
        return _kept(request, composer, new, status=409, stored=error.message)
    except Busy:
        return _kept(request, composer, text, status=503, busy=True)
    _say_sent(request, sent)
    return redirect(sent.message.conversation)


def _hold(request: MemberRequest, composer: Composer, text: dict[str, str], shown: Quote) -> HttpResponse:
    """ "Send for review" was pressed."""
    way: dict[str, Any] = {"as_inmail": composer.as_inmail, "sending_for": composer.sending_for}
    to: dict[str, Any] = {"sender": request.user, "recipient": composer.recipient}
    try:
        reviewing.hold(**to, text=text, shown=shown, at=composer.at, **way)
    except sending.VerdictChanged as error:
        return _kept(request, composer.facing(error.verdict), text, status=409, changed=True)
    except (Busy, drafts.DraftRests):
        return _kept(request, composer, text, status=503, busy=True)
    messages.success(request, _("In review. No credit is used unless it goes."))
    return redirect("messaging:compose", composer.recipient.handle)


def _text(form: ComposeForm) -> dict[str, str]:
    """What was typed, with nothing for the fields that were not asked for."""
    return {name: form.cleaned_data.get(name, "") for name in TYPED}


def _kept(request: MemberRequest, composer: Composer, text: dict[str, str], *, status: int, **why: Any) -> HttpResponse:
    """The composer again, with the text as typed: on the page, and in Drafts if there is a place and a moment."""
    try:
        with short_wait():
            drafts.save_draft(member=request.user, recipient=composer.recipient, at=composer.at, **text)
    except (Busy, drafts.DraftRests):
        pass
    return _page(request, composer, composer.form(text), status=status, **why)


def _page(
    request: MemberRequest, composer: Composer, form: ComposeForm, *, status: int = 200, **why: Any
) -> HttpResponse:
    return render(request, "messaging/compose.html", composer.context(form) | why, status=status)


def _say_sent(request: MemberRequest, sent: Sent) -> None:
    """One line at the foot of the list; with Undo while there is something to undo."""
    values = {"name": first_name(sent.message.recipient.name), "cost": sent.cost}
    undoing = f"undo:{reverse('messaging:undo', args=[sent.message.public_id])}" if sent.message.is_outreach else ""
    if sent.became_free:
        messages.success(request, _why_free(sent) % values, extra_tags=undoing)
    elif sent.cost:
        words = ngettext("Sent to %(name)s for %(cost)s credit.", "Sent to %(name)s for %(cost)s credits.", sent.cost)
        messages.success(request, words % values, extra_tags=undoing)
    else:
        messages.success(request, _("Sent to %(name)s.") % values, extra_tags=undoing)


def _why_free(sent: Sent) -> str:
    """What changed since a price was shown."""
    reasons = {
        "connection": _("Sent. It was free: %(name)s connected with you."),
        "open": _("Sent. It was free: %(name)s has written to you."),
        "open_profile": _("Sent. It was free: %(name)s has an Open Profile."),
        "follow_up": _("Sent. It was free: this conversation is paid for."),
    }
    return reasons[sent.code]


def _undo(request: MemberRequest, message: Message) -> HttpResponse:
    try:
        sending.undo(message=message, member=request.user, at=now())
    except sending.TooLate:
        messages.error(request, _("It is too late to undo: the message is delivered."))
        return redirect(message.conversation)
    was_paid = message.outreach.charge_id is not None
    messages.success(request, _("Undone. Your credit is back.") if was_paid else _("Undone."))
    return redirect("messaging:compose", message.recipient.handle)
