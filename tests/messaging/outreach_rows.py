"""Outreach by the hundred, written as rows: for what counts them and asks no verb how they came about."""

from datetime import datetime, timedelta
from itertools import count

from accounts.models import Member, PolicyVersion
from accounts.pairs import low_and_high
from billing.models import Charge, Entry, Lot, Wallet
from messaging.models import Conversation, Message, Outreach

numbers = count(1)


def wrote(
    sender: Member,
    recipient: Member,
    *,
    at: datetime,
    times: int = 1,
    answered: int = 0,
    after: timedelta = timedelta(hours=1),
    body: str = "Would you talk to us?",
    charged: bool = False,
) -> list[Outreach]:
    """So many, delivered at `at`; the first `answered` of them were answered, and came back if they were charged."""
    pair = low_and_high(sender.pk, recipient.pk)
    conversation, _is_new = Conversation.objects.get_or_create(**pair, defaults={"started_at": at})
    messages = Message.objects.bulk_create(
        Message(
            conversation=conversation,
            sender=sender,
            recipient=recipient,
            kind="inmail" if charged else "open_profile",
            subject="S",
            body=body,
            send_key=f"row-{next(numbers)}",
            sent_at=at,
            deliver_at=at,
            announced_at=at,
        )
        for _ in range(times)
    )
    charges = _charges(sender, messages, answered, at=at) if charged else [None] * times
    return Outreach.objects.bulk_create(
        Outreach(
            message=message,
            code="inmail" if charged else "open_profile",
            purpose="press",
            charge=charge,
            is_first=True,
            answered_at=at + after if number < answered else None,
        )
        for number, (message, charge) in enumerate(zip(messages, charges, strict=True))
    )


def _charges(sender: Member, messages: list[Message], answered: int, *, at: datetime) -> list[Charge]:
    wallet, _is_new = Wallet.objects.get_or_create(member=sender, defaults={"opened_at": at})
    lot = Lot.objects.create(
        wallet=wallet,
        source="promo",
        priority=20,
        granted=len(messages),
        remaining=0,
        effective_at=at,
        expires_at=at + timedelta(days=1),
    )
    policy = PolicyVersion.objects.latest("pk")
    charges = Charge.objects.bulk_create(
        Charge(
            reference=message.public_id,
            wallet=wallet,
            payer=sender,
            cost=1,
            charged_at=at,
            returnable=True,
            policy_version=policy,
        )
        for message in messages
    )
    seq = Entry.objects.filter(wallet=wallet).count()
    Entry.objects.bulk_create(
        Entry(
            wallet=wallet,
            seq=seq + number,
            lot=lot,
            origin_lot=lot,
            charge=charge,
            kind=Entry.Kind.REFUND,
            delta=1,
            balance_after=0,
            lot_remaining_after=0,
            occurred_at=at,
            recorded_at=at,
            key=f"row:{charge.pk}",
            hash="",
        )
        for number, charge in enumerate(charges[:answered], start=1)
    )
    return charges
