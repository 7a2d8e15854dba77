"""Stops: a recipient's told request not to write again. It binds until the recipient lifts it (domain 7.5)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Member, StopRequest


@transaction.atomic
def stop(*, recipient: Member, sender: Member, at: datetime) -> StopRequest:
    """`recipient` asks `sender` not to write again. A second time it answers with the one that stands."""
    request, _is_new = StopRequest.objects.get_or_create(
        recipient=recipient, sender=sender, lifted_at=None, defaults={"asked_at": at}
    )
    return request


def lift(*, recipient: Member, sender: Member, at: datetime) -> None:
    """`recipient` lets `sender` write again; harmless if no stop stands."""
    StopRequest.objects.filter(recipient=recipient, sender=sender, lifted_at=None).update(lifted_at=at)


def standing_stops(*, sender: Member, recipient_ids: Collection[int]) -> dict[int, StopRequest]:
    """The stops that bind this sender, by the recipient who asked."""
    standing = StopRequest.objects.filter(sender=sender, recipient__in=recipient_ids, lifted_at=None)
    return {request.recipient_id: request for request in standing}


def stops_made(member: Member) -> QuerySet[StopRequest]:
    """Whom this member asked to stop, latest first."""
    return (
        StopRequest.objects.filter(recipient=member, lifted_at=None)
        .select_related("sender__profile")
        .order_by("-asked_at", "-pk")
    )
