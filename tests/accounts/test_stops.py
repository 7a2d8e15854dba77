"""A stop stands until its recipient lifts it."""

from datetime import datetime, timedelta

from accounts import stops
from accounts.models import Member, StopRequest


def test_a_stop_binds_one_sender_until_it_is_lifted(ada: Member, ben: Member, cleo: Member, at: datetime) -> None:
    asked = stops.stop(recipient=ben, sender=ada, at=at)
    assert stops.standing_stops(sender=ada, recipient_ids=[ben.pk, cleo.pk]) == [asked]
    assert stops.standing_stops(sender=cleo, recipient_ids=[ben.pk]) == []
    stops.lift(recipient=cleo, sender=ada, at=at)
    assert stops.standing_stops(sender=ada, recipient_ids=[ben.pk])
    stops.lift(recipient=ben, sender=ada, at=at)
    assert stops.standing_stops(sender=ada, recipient_ids=[ben.pk]) == []


def test_asking_twice_keeps_the_first_date(ada: Member, ben: Member, at: datetime) -> None:
    first = stops.stop(recipient=ben, sender=ada, at=at)
    assert stops.stop(recipient=ben, sender=ada, at=at + timedelta(days=1)) == first
    assert StopRequest.objects.count() == 1


def test_a_lifted_stop_can_be_asked_again(ada: Member, ben: Member, at: datetime) -> None:
    stops.stop(recipient=ben, sender=ada, at=at)
    stops.lift(recipient=ben, sender=ada, at=at)
    stops.stop(recipient=ben, sender=ada, at=at + timedelta(days=1))
    assert [request.sender for request in stops.stops_made(ben)] == [ada]
