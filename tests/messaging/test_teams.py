"""Writing for a team: the pool pays within the seat's allowance, the choice is the member's, a stop binds everybody."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import stops
from accounts.models import Member, PolicyVersion, Seat, Team
from billing import pools, refunds
from billing.models import Charge, Entry
from billing.standing import standing
from messaging import answering, sending
from messaging.models import Message, Outreach
from messaging.quotes import Quote
from messaging.verdicts import verdict_for
from tests.messaging.conftest import Send
from tests.teams import give_credits, give_seat, make_team

MakeMember = Callable[..., Member]
DAY = timedelta(days=1)


@pytest.fixture
def boss(make_member: MakeMember) -> Member:
    return make_member("Bea Boss")


@pytest.fixture
def team(boss: Member, at: datetime) -> Team:
    """Ten credits in the pool."""
    made = make_team(boss, licences=3, at=at - 40 * DAY)
    give_credits(made, 10, at=at - 2 * DAY)
    return made


@pytest.fixture
def seat(team: Team, sender: Member, at: datetime) -> Seat:
    """The sender has 15 credits of a plan of their own."""
    return give_seat(team, sender, at=at - DAY)


def balances(seat: Seat, *, at: datetime) -> tuple[int, int]:
    return standing(seat.team, at=at).balance, standing(seat.member, at=at).balance


def test_a_seat_holder_writes_for_the_team_unless_they_choose_themselves(
    seat: Seat, sender: Member, recipient: Member, outsider: Member, send: Send, at: datetime
) -> None:
    for_team = send(sender, recipient, at=at)
    shown = Quote.of(verdict_for(sender, outsider, purpose="job_offer", sending_for="self", at=at))
    own = send(sender, outsider, at=at, sending_for="self", shown=shown)

    assert balances(seat, at=at) == (9, 14)
    charges = {charge.reference: charge for charge in Charge.objects.all()}
    assert (charges[for_team.message.public_id].seat, charges[for_team.message.public_id].payer) == (seat, sender)
    assert charges[own.message.public_id].seat is None
    assert [one.team for one in Outreach.objects.order_by("pk")] == [seat.team, None]


@pytest.mark.parametrize("change", ["parked", "taken back", "chosen otherwise"])
def test_the_wallet_never_switches_silently(
    seat: Seat, boss: Member, sender: Member, recipient: Member, send: Send, at: datetime, change: str
) -> None:
    shown = Quote.of(verdict_for(sender, recipient, purpose="job_offer", at=at))
    if change == "parked":
        pools.park(seat=seat, actor=boss, at=at)
    if change == "taken back":
        pools.remove(seat=seat, actor=boss, at=at)
    with pytest.raises(sending.VerdictChanged) as refused:
        send(sender, recipient, at=at, shown=shown, sending_for="self" if change == "chosen otherwise" else "")
    assert (refused.value.verdict.code, refused.value.verdict.wallet) == ("inmail", "")
    assert not Message.objects.exists()
    assert balances(seat, at=at) == (10, 15)


def test_an_allowance_limits_what_a_seat_takes_in_a_period_and_says_whom_to_ask(
    seat: Seat, boss: Member, sender: Member, recipient: Member, outsider: Member, send: Send, at: datetime
) -> None:
    pools.set_allowance(seat=seat, allowance=1, is_unlimited=False, actor=boss, at=at)
    send(sender, recipient, at=at)

    verdict = verdict_for(sender, outsider, purpose="job_offer", at=at)
    assert (verdict.code, verdict.sentence) == ("seat_limit", "You used your 1 team credit for this period.")
    way = verdict.alternatives[0]
    assert (way.label, str(way.url)) == ("Ask Bea for more", reverse("messaging:compose", args=[boss.handle]))
    assert verdict_for(sender, outsider, purpose="job_offer", sending_for="self", at=at).code == "inmail"
    pools.set_allowance(seat=seat, allowance=None, is_unlimited=True, actor=boss, at=at)
    assert verdict_for(sender, outsider, purpose="job_offer", at=at).code == "inmail"
    # The next period, from 1 December on, begins anew.
    pools.set_allowance(seat=seat, allowance=1, is_unlimited=False, actor=boss, at=at)
    december = datetime(2026, 12, 1, tzinfo=at.tzinfo)
    before = december - timedelta(microseconds=1)
    assert verdict_for(sender, outsider, purpose="job_offer", at=before).code == "seat_limit"
    assert verdict_for(sender, outsider, purpose="job_offer", at=december).code == "inmail"


@pytest.mark.parametrize("restores", [False, True])
def test_a_credit_that_came_back_counts_against_the_allowance_unless_the_site_says_otherwise(
    seat: Seat, boss: Member, sender: Member, recipient: Member, send: Send, at: datetime, restores: bool
) -> None:
    settings = {"return_restores_allowance": restores}
    PolicyVersion.objects.create(catalog="t", settings=settings, in_force_from=at - DAY, approved_at=at - DAY)
    undone = send(sender, recipient, at=at)
    assert pools.allowance_of(seat, at=at).used == 1
    sending.undo(message=undone.message, member=sender, at=at)
    assert pools.allowance_of(seat, at=at).used == 0

    sent = send(sender, recipient, at=at)
    later = at + timedelta(hours=1)
    answering.answer(conversation=sent.message.conversation, member=recipient, answer="no_thanks", at=later)
    refunds.return_due(at=later + timedelta(minutes=1))
    assert balances(seat, at=later) == (10, 15)
    assert pools.allowance_of(seat, at=later + DAY).used == (0 if restores else 1)


@pytest.mark.parametrize("fate", ["kept", "parked", "taken back"])
def test_a_return_goes_to_the_pool_and_the_lot_it_came_from_whatever_became_of_the_seat(
    seat: Seat, boss: Member, sender: Member, recipient: Member, send: Send, at: datetime, fate: str
) -> None:
    sent = send(sender, recipient, at=at)
    later = at + DAY
    if fate == "parked":
        pools.park(seat=seat, actor=boss, at=later)
    if fate == "taken back":
        pools.remove(seat=seat, actor=boss, at=later)
    answering.answer(conversation=sent.message.conversation, member=recipient, answer="interested", at=later)
    refunds.return_due(at=later + timedelta(minutes=1))

    assert balances(seat, at=later + timedelta(minutes=1)) == (10, 15)
    taken, returned = Entry.objects.filter(charge__reference=sent.message.public_id).order_by("seq")
    assert (returned.kind, returned.lot, returned.wallet.team) == ("refund", taken.lot, seat.team)


def test_undo_gives_the_credit_back_to_the_pool(
    seat: Seat, sender: Member, recipient: Member, send: Send, at: datetime
) -> None:
    sent = send(sender, recipient, at=at)
    assert balances(seat, at=at) == (9, 15)
    sending.undo(message=sent.message, member=sender, at=at + timedelta(seconds=5))
    assert balances(seat, at=at + timedelta(seconds=5)) == (10, 15)


def test_a_stop_against_a_team_binds_every_present_and_later_seat_and_whoever_left(
    seat: Seat, boss: Member, sender: Member, recipient: Member, make_member: MakeMember, send: Send, at: datetime
) -> None:
    second, later_one = make_member("Sid Second", plan="premium-business"), make_member("Lea Later")
    give_seat(seat.team, second, at=at)
    sent = send(sender, recipient, at=at)
    told = at + timedelta(minutes=1)
    answering.answer(conversation=sent.message.conversation, member=recipient, answer="stop", at=told)
    after = told + timedelta(seconds=10)

    def code(member: Member, **choice: str) -> str:
        return verdict_for(member, recipient, purpose="job_offer", at=after, **choice).code

    assert {code(sender), code(second), code(second, sending_for="self")} == {"stopped"}
    assert code(make_member("Otto Other", plan="premium-business")) == "inmail"
    pools.remove(seat=seat, actor=boss, at=after)
    give_seat(seat.team, later_one, at=after)
    assert {code(sender), code(second), code(later_one)} == {"stopped"}
    # Who was never asked and has left is bound no longer; only the recipient lifts it for the others.
    pools.remove(seat=second.seats.get(), actor=second, at=after)
    assert (code(second), code(later_one)) == ("inmail", "stopped")
    stops.lift(recipient=recipient, sender=sender, at=after)
    assert (code(sender), code(later_one)) == ("open", "inmail")


def test_writing_to_one_of_a_stopped_team_lets_that_one_answer_and_no_other(
    seat: Seat, sender: Member, recipient: Member, make_member: MakeMember, send: Send, at: datetime
) -> None:
    second = make_member("Sid Second")
    give_seat(seat.team, second, at=at)
    sent = send(sender, recipient, at=at)
    answering.answer(conversation=sent.message.conversation, member=recipient, answer="stop", at=at + DAY)
    give_credits(seat.team, 5, at=at + DAY)
    after = at + 2 * DAY
    assert sending.what_writing_changes(recipient, second) == (
        "You asked Sid and their team not to write again. If you write, Sid alone can write to you again."
    )
    assert verdict_for(second, recipient, at=after).code == "stopped"
    # The recipient has written to the sender before, by the stop: they answer again in words.
    send(recipient, sender, at=after, purpose="", subject="")
    assert verdict_for(sender, recipient, at=after).code == "open"
    assert verdict_for(second, recipient, at=after).code == "stopped"
    answering.answer(conversation=sent.message.conversation, member=recipient, answer="stop", at=after + DAY)
    assert verdict_for(sender, recipient, at=after + 2 * DAY).code == "stopped"


def test_a_stop_against_what_was_sent_for_oneself_binds_nobody_else(
    seat: Seat, sender: Member, recipient: Member, make_member: MakeMember, send: Send, at: datetime
) -> None:
    second = make_member("Sid Second")
    give_seat(seat.team, second, at=at)
    shown = Quote.of(verdict_for(sender, recipient, purpose="job_offer", sending_for="self", at=at))
    sent = send(sender, recipient, at=at, sending_for="self", shown=shown)
    answering.answer(conversation=sent.message.conversation, member=recipient, answer="stop", at=at + DAY)
    codes = [verdict_for(member, recipient, purpose="job_offer", at=at + 2 * DAY).code for member in (sender, second)]
    assert codes == ["stopped", "inmail"]


def test_the_composer_asks_for_whom_and_keeps_the_text_when_the_wallet_changed(
    seat: Seat, boss: Member, sender: Member, recipient: Member, browse: Callable[[Member], Client], clock: datetime
) -> None:
    client, where = browse(sender), reverse("messaging:compose", args=[recipient.handle])
    page = client.get(where).content.decode()
    assert "Sending for" in page
    assert "Elbe Talent" in page
    quoted = client.get(reverse("messaging:quote", args=[recipient.handle]), {"sending_for": "self"}).content.decode()
    assert 'name="quote_wallet" value=""' in quoted
    assert client.get(where, {"sending_for": "somebody"}).status_code == 400

    letter = {"purpose": "job_offer", "subject": "Lead", "body": "Shall we talk?", "send_key": "k" * 14}
    shown = Quote.of(verdict_for(sender, recipient, purpose="job_offer", at=clock)).as_hidden()
    pools.park(seat=seat, actor=boss, at=clock)
    answer = client.post(where, letter | shown | {"sending_for": "team"})
    assert answer.status_code == 409
    assert "Shall we talk?" in answer.content.decode()
    assert not Message.objects.exists()
    assert "Sending for" not in client.get(where).content.decode()


def test_team_admins_see_how_much_and_never_to_whom_or_what(
    seat: Seat,
    boss: Member,
    sender: Member,
    recipient: Member,
    send: Send,
    browse: Callable[[Member], Client],
    clock: datetime,
) -> None:
    send(sender, recipient, at=clock, subject="Quiet subject", body="Quiet words")
    client = browse(boss)
    pages = [reverse(f"billing:{name}") for name in ("team", "seats", "pool", "pool_csv", "team_plan")]
    for address in [*pages, reverse("billing:seat", args=[seat.public_id])]:
        answer = client.get(address)
        text = b"".join(answer).decode() if answer.streaming else answer.content.decode()
        assert sender.name in text or "plan" in address
        for secret in (recipient.name, recipient.handle, "Quiet subject", "Quiet words", "/inbox/c/"):
            assert secret not in text, (address, secret)


def test_nobody_but_a_team_admin_finds_the_teams_pages_and_no_seat_moves_credits(
    seat: Seat, sender: Member, boss: Member, browse: Callable[[Member], Client], clock: datetime
) -> None:
    holder = browse(sender)
    for name in ("team", "seats", "pool", "pool_csv", "team_plan"):
        assert holder.get(reverse(f"billing:{name}")).status_code == 404
    assert holder.post(reverse("billing:seat", args=[seat.public_id]), {"kind": "unlimited"}).status_code == 404
    before = balances(seat, at=clock)
    pools.remove(seat=seat, actor=boss, at=clock)
    assert balances(seat, at=clock) == before
