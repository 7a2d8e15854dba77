"""Send a message: outreach that may cost a credit, or a free one where the conversation is open or both are connected.

Message, charge and entries are stored together or not at all (domain 5.4, 6.4, 7.7).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts import live, stops
from accounts.busy import short_wait
from accounts.models import Member, StopRequest
from accounts.site_policy import SitePolicy, policy_in_force
from billing import ledger
from billing.models import Charge, Wallet
from messaging import caps, drafts, facts, notifications, placing, returns
from messaging.models import Draft, Message, Outreach, Participation
from messaging.names import first_name
from messaging.policy import decide
from messaging.quotes import Quote
from messaging.refusals import KeyReused, TooLate, VerdictChanged
from messaging.sides import Sides, lock_sides, open_sides
from messaging.verdict import Facts, Verdict

__all__ = ["KeyReused", "Quote", "Sent", "TooLate", "VerdictChanged", "send", "undo", "what_writing_changes"]


@dataclass(frozen=True)
class Sent:
    """`became_free`: it was shown with a price and cost nothing, for the reason that `code`, the verdict's, says.

    `is_repeat`: this is the first send's result.
    """

    message: Message
    cost: int = 0
    code: str = ""
    became_free: bool = False
    is_repeat: bool = False


@dataclass(frozen=True)
class _Letter:
    sender: Member
    recipient: Member
    subject: str
    body: str
    purpose: str
    send_key: str
    reason: str
    as_inmail: bool


def send(
    *,
    sender: Member,
    recipient: Member,
    subject: str,
    body: str,
    purpose: str,
    send_key: str,
    shown: Quote,
    at: datetime,
    reason: str = "",
    as_inmail: bool = False,
) -> Sent:
    """Send one message of cleaned text, at no more than the price shown.

    `as_inmail`: to a connection too, where the site offers that. `reason`: where the site asks for one, 10 to 200.
    Raises VerdictChanged (refused, dearer, return lost), KeyReused, accounts.busy.Busy; nothing is written then.
    The same `send_key` with the same text answers with the message sent first.
    """
    letter = _Letter(sender, recipient, subject, body, purpose, send_key, reason, as_inmail)
    with short_wait():
        # Before everything else and for everybody: what follows sees the truth, and two sends of one member queue up.
        wallet = ledger.lock_wallet(sender, at=at)
        at = max(at, wallet.last_entry_at or at)
        stored = Message.objects.filter(sender=sender, send_key=send_key).first()
        if stored is not None:
            return _repeat(stored, letter)
        policy = policy_in_force(at)
        if sender.pk == recipient.pk:
            raise VerdictChanged(decide(_facts(letter, policy=policy, at=at)))
        sides = open_sides(sender, recipient, at=at)
        at = sides.after_newest(at)
        placing.hurry(sides, at=at)
        ledger.settle(wallet, at=at)
        verdict = _agreed(letter, shown, policy=policy, at=at)
        message = _write(letter, sides, verdict, wallet=wallet, policy=policy, at=at)
        became_free = shown.cost > 0 and verdict.cost == 0
        return Sent(message, cost=verdict.cost, code=verdict.code, became_free=became_free)


def undo(*, message: Message, member: Member, at: datetime, reason: str = ledger.UNDONE) -> Draft:
    """Take outreach back before its delivery: the credit returns at once, the text becomes a draft with a new key.

    A second time it answers with the draft. Raises TooLate once the message is delivered.
    """
    with short_wait():
        ledger.lock_wallet(member, at=at)
        sides = lock_sides(message.conversation, member, at=at)
        message = Message.objects.select_related("recipient").get(pk=message.pk, sender=member)
        if message.undone_at is not None:
            return drafts.draft_for(member, message.recipient)
        waiting = Message.objects.filter(pk=message.pk, undone_at=None, deliver_at__gt=at).exclude(kind="answer")
        if not waiting.update(undone_at=at):
            raise TooLate
        _give_back(message, member, reason=reason, at=at)
        placing.withdraw(message, sides, at=at)
        live.tell(member.pk, changed="credits")
        return drafts.restore(message, at=at)


def what_writing_changes(member: Member, other: Member) -> str:
    """What writing to `other` lifts, in a sentence for the composer; empty if nothing."""
    values = {"name": first_name(other.name)}
    if StopRequest.objects.filter(recipient=member, sender=other, lifted_at=None).exists():
        return _("You asked %(name)s not to write again. If you write, %(name)s can write to you again.") % values
    if Participation.objects.filter(member=member, other=other, closed_at__isnull=False).exists():
        return _("You said no to %(name)s. If you write, %(name)s can write to you again.") % values
    return ""


def _repeat(stored: Message, letter: _Letter) -> Sent:
    is_same = (stored.recipient_id, stored.subject, stored.body) == (letter.recipient.pk, letter.subject, letter.body)
    if not is_same or stored.undone_at is not None:
        raise KeyReused(stored)
    charge = Charge.objects.filter(reference=stored.public_id).first()
    return Sent(stored, cost=charge.cost if charge else 0, is_repeat=True)


def _facts(letter: _Letter, *, policy: SitePolicy, at: datetime) -> Facts:
    written = {"purpose": letter.purpose, "reason": letter.reason, "wants_inmail": letter.as_inmail}
    known = facts.load(letter.sender, [letter.recipient], **written, at=at, policy=policy, is_sending=True)
    return known[letter.recipient.pk]


def _agreed(letter: _Letter, shown: Quote, *, policy: SitePolicy, at: datetime) -> Verdict:
    """Decided again, under all locks, with a place under the day's cap."""
    known = _facts(letter, policy=policy, at=at)
    verdict = decide(known)
    if not shown.holds(verdict):
        raise VerdictChanged(verdict)
    if verdict.counts_for_cap and not caps.reserve(letter.sender, cap=known.daily_cap, at=at):
        raise VerdictChanged(decide(replace(known, sent_today=known.daily_cap)))
    most = policy.connection_starts_per_day if verdict.channel == "connection" and known.is_start else None
    if most is not None and not caps.reserve_start(letter.sender, cap=most, at=at):
        raise VerdictChanged(decide(replace(known, starts_today=most)))
    return verdict


def _write(
    letter: _Letter, sides: Sides, verdict: Verdict, *, wallet: Wallet, policy: SitePolicy, at: datetime
) -> Message:
    wait = timedelta(seconds=policy.undo_seconds if verdict.is_outreach else 0)
    message = Message.objects.create(
        conversation=sides.conversation,
        sender=letter.sender,
        recipient=letter.recipient,
        kind=_kind_of(verdict),
        subject=letter.subject,
        body=letter.body,
        send_key=letter.send_key,
        sent_at=at,
        deliver_at=at + wait,
    )
    if verdict.is_outreach:
        _write_outreach(message, letter, verdict, wallet=wallet, policy=policy)
    placing.place(message, sides)
    stops.lift(recipient=letter.sender, sender=letter.recipient, at=at)
    returns.mark(message, policy=policy)
    drafts.discard_draft(letter.sender, letter.recipient)
    notifications.announce_at(message, message.deliver_at)
    return message


def _kind_of(verdict: Verdict) -> str:
    if not verdict.is_outreach:
        return Message.Kind.TEXT
    return Message.Kind.OPEN_PROFILE if verdict.channel == "open_profile" else Message.Kind.INMAIL


def _write_outreach(message: Message, letter: _Letter, verdict: Verdict, *, wallet: Wallet, policy: SitePolicy) -> None:
    charge = None
    if verdict.cost:
        charge = ledger.charge(
            wallet=wallet,
            payer=letter.sender,
            cost=verdict.cost,
            reference=message.public_id,
            policy=policy,
            at=message.sent_at,
        )
        live.tell(letter.sender.pk, changed="credits")
    Outreach.objects.create(
        message=message,
        code=verdict.code,
        purpose=letter.purpose if verdict.asks_purpose else _first_purpose(message),
        reason=letter.reason if verdict.asks_purpose else "",
        charge=charge,
        is_first=verdict.is_first_contact,
        skips_requests=verdict.skips_requests,
    )


def _first_purpose(message: Message) -> str:
    """What a running conversation was begun for: there no purpose is asked again."""
    begun = Outreach.objects.filter(message__conversation=message.conversation_id, message__sender=message.sender_id)
    return begun.filter(is_first=True, message__undone_at=None).values_list("purpose", flat=True)[0]


def _give_back(message: Message, member: Member, *, reason: str, at: datetime) -> None:
    """What sending took: the credit, the place under the cap, a stop that it lifted."""
    if message.outreach.charge_id is not None:
        ledger.reverse(reference=message.public_id, reason=reason, at=at)
    if message.outreach.code != Outreach.Code.OPEN_PAID:
        caps.release(member, sent_at=message.sent_at)
    lifted = StopRequest.objects.filter(recipient=member, sender=message.recipient_id, lifted_at=message.sent_at)
    lifted.update(lifted_at=None)
