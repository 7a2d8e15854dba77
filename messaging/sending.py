"""Send a message: outreach that may cost a credit, or a free one where the conversation is open or both are connected.

Message, charge and entries are stored together or not at all (domain 5.4, 6.4, 7.7).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts import live, stops
from accounts.busy import Busy, short_wait
from accounts.models import Member, Seat, StopRequest, Team
from accounts.site_policy import SitePolicy, policy_in_force
from billing import ledger, pools
from billing.models import Charge, Wallet
from messaging import caps, drafts, facts, notifications, placing, reception, returns
from messaging.models import Draft, Message, Outreach, Participation
from messaging.names import first_name
from messaging.policy import decide
from messaging.quotes import Quote
from messaging.refusals import KeyReused, TooLate, VerdictChanged
from messaging.sending_for import seat_for
from messaging.sides import Sides, lock_sides, open_sides
from messaging.similarity import main_part
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
    passed_review: bool


@dataclass(frozen=True)
class _Payer:
    wallet: Wallet
    seat: Seat | None


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
    sending_for: str = "",
    passed_review: bool = False,
) -> Sent:
    """Send one message of cleaned text, at no more than the price shown.

    `as_inmail`: to a connection too, where the site offers that. `reason`: where the site asks for one, 10 to 200.
    `sending_for`: "self", or the team whose seat the sender holds; the wallet follows, and never switches silently.
    `passed_review`: a moderator looked at it, so it is not held for being like others.
    Raises VerdictChanged (refused, dearer, return lost), KeyReused, accounts.busy.Busy; nothing is written then.
    The same `send_key` with the same text answers with the message sent first.
    """
    letter = _Letter(sender, recipient, subject, body, purpose, send_key, reason, as_inmail, passed_review)
    with short_wait():
        # Before everything else and for everybody: what follows sees the truth, and two sends of one member queue up.
        seat, wallet, at = _lock_payer(sender, sending_for, at=at)
        stored = Message.objects.filter(sender=sender, send_key=send_key).first()
        if stored is not None:
            return _repeat(stored, letter)
        policy = policy_in_force(at)
        if sender.pk == recipient.pk:
            raise VerdictChanged(decide(_facts(letter, seat, policy=policy, at=at)))
        sides = open_sides(sender, recipient, at=at)
        at = sides.after_newest(at)
        placing.hurry(sides, at=at)
        ledger.settle(wallet, at=at)
        verdict = _agreed(letter, seat, shown, policy=policy, at=at)
        message = _write(letter, sides, verdict, payer=_Payer(wallet, seat), policy=policy, at=at)
        became_free = shown.cost > 0 and verdict.cost == 0
        return Sent(message, cost=verdict.cost, code=verdict.code, became_free=became_free)


def undo(*, message: Message, member: Member, at: datetime, reason: str = ledger.UNDONE) -> Draft:
    """Take outreach back before its delivery: the credit returns at once, the text becomes a draft with a new key.

    A second time it answers with the draft. Raises TooLate once the message is delivered.
    """
    with short_wait():
        pools.lock_wallets(member, _team_of(message), at=at)
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
    if asked := stops.standing_stops(sender=other, recipient_ids=[member.pk]):
        return _what_a_stop_becomes(asked[0]) % values
    if Participation.objects.filter(member=member, other=other, closed_at__isnull=False).exists():
        return _("You said no to %(name)s. If you write, %(name)s can write to you again.") % values
    return ""


def _what_a_stop_becomes(asked: StopRequest) -> str:
    if asked.team is None:
        return _("You asked %(name)s not to write again. If you write, %(name)s can write to you again.")
    return _(
        "You asked %(name)s and their team not to write again. If you write, %(name)s alone can write to you again."
    )


def _lock_payer(sender: Member, sending_for: str, *, at: datetime) -> tuple[Seat | None, Wallet, datetime]:
    """The seat that pays, if one does, the wallet it is paid from, and the time moved up to its last entry.

    The sender's own wallet is locked too: two sends of one member queue up, whoever pays.
    """
    chosen = seat_for(sender, sending_for)
    wallets = pools.lock_wallets(sender, chosen.team if chosen else None, at=at)
    # Parked or taken back while we waited: then the sender's own wallet is quoted anew.
    seat = seat_for(sender, sending_for)
    if seat is not None and seat != chosen:
        raise Busy
    wallet = wallets[sender if seat is None else seat.team]
    return seat, wallet, max([at, *(held.last_entry_at for held in wallets.values() if held.last_entry_at)])


def _team_of(message: Message) -> Team | None:
    """Whose pool paid for it: settled when it was sent."""
    sent = Outreach.objects.filter(message=message, charge__isnull=False).select_related("team").first()
    return sent.team if sent else None


def _repeat(stored: Message, letter: _Letter) -> Sent:
    is_same = (stored.recipient_id, stored.subject, stored.body) == (letter.recipient.pk, letter.subject, letter.body)
    if not is_same or stored.undone_at is not None:
        raise KeyReused(stored)
    charge = Charge.objects.filter(reference=stored.public_id).first()
    return Sent(stored, cost=charge.cost if charge else 0, is_repeat=True)


def _facts(letter: _Letter, seat: Seat | None, *, policy: SitePolicy, at: datetime) -> Facts:
    written: dict[str, Any] = {"purpose": letter.purpose, "reason": letter.reason, "wants_inmail": letter.as_inmail}
    written |= {"text": main_part(letter.subject, letter.body), "passed_review": letter.passed_review}
    known = facts.load(letter.sender, [letter.recipient], **written, at=at, policy=policy, is_sending=True, seat=seat)
    return known[letter.recipient.pk]


def _agreed(letter: _Letter, seat: Seat | None, shown: Quote, *, policy: SitePolicy, at: datetime) -> Verdict:
    """Decided again, under all locks, with a place under the day's cap."""
    known = _facts(letter, seat, policy=policy, at=at)
    verdict = decide(known)
    if not shown.holds(verdict):
        raise VerdictChanged(verdict)
    if verdict.counts_for_cap:
        _reserve(letter, known, verdict, at=at)
    most = policy.connection_starts_per_day if verdict.channel == "connection" and known.is_start else None
    if most is not None and not caps.reserve_start(letter.sender, cap=most, at=at):
        raise VerdictChanged(decide(replace(known, starts_today=most)))
    return verdict


def _reserve(letter: _Letter, known: Facts, verdict: Verdict, *, at: datetime) -> None:
    """Places under the caps of both sides; the sender's first, always (the order of locks)."""
    if not caps.reserve(letter.sender, cap=known.daily_cap, at=at):
        raise VerdictChanged(decide(replace(known, sent_today=known.daily_cap)))
    most = known.policy.open_profile_daily_cap
    if verdict.channel == "open_profile" and not caps.reserve_open_profile(letter.sender, cap=most, at=at):
        raise VerdictChanged(decide(replace(known, open_profile_today=most)))
    if verdict.is_first_contact and not reception.reserve(letter.recipient, known, at=at):
        raise VerdictChanged(decide(replace(known, received_today=known.recipient_cap_day)))


def _write(
    letter: _Letter, sides: Sides, verdict: Verdict, *, payer: _Payer, policy: SitePolicy, at: datetime
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
        _write_outreach(message, letter, verdict, payer=payer, policy=policy)
    placing.place(message, sides)
    stops.lift_by_writing(recipient=letter.sender, sender=letter.recipient, at=at)
    returns.mark(message, policy=policy)
    drafts.discard_sent(message)
    notifications.announce_at(message, message.deliver_at)
    return message


def _kind_of(verdict: Verdict) -> str:
    if not verdict.is_outreach:
        return Message.Kind.TEXT
    return Message.Kind.OPEN_PROFILE if verdict.channel == "open_profile" else Message.Kind.INMAIL


def _write_outreach(message: Message, letter: _Letter, verdict: Verdict, *, payer: _Payer, policy: SitePolicy) -> None:
    charge = None
    if verdict.cost:
        if payer.seat is not None:
            pools.check_allowance(seat=payer.seat, cost=verdict.cost, at=message.sent_at)
        charge = ledger.charge(
            wallet=payer.wallet,
            payer=letter.sender,
            seat=payer.seat,
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
        team=payer.seat.team if payer.seat else None,
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
        is_open_profile = message.outreach.code == Outreach.Code.OPEN_PROFILE
        caps.release(member, sent_at=message.sent_at, was_open_profile=is_open_profile)
        if message.outreach.is_first:
            reception.release(message.recipient, sent_at=message.sent_at)
    lifted = StopRequest.objects.filter(recipient=member, sender=message.recipient_id, lifted_at=message.sent_at)
    lifted.update(lifted_at=None)
