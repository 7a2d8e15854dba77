"""Introductions: a shared connection brings two members together, and no credit is used (domain 7.11).

Whoever refuses, the shared connection or who was to be met, does so in silence: to the asker it goes on waiting until
it expires. So it does where the two are kept apart: the shared connection is asked all the same, as their "nobody
asked me" would tell of a block, and what they forward leads nowhere (domain 6.2).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import news, restrictions
from accounts.busy import short_wait
from accounts.connections import connection_between
from accounts.degrees import between
from accounts.models import Block, Member, NoticeKind, Restriction, Seat, StopRequest
from accounts.site_policy import policy_in_force
from billing import ledger
from messaging import caps, facts, sentences
from messaging.conditions import is_stopped
from messaging.dates import day_words, zone_of
from messaging.introduced import open_conversation
from messaging.models import Conversation, Introduction
from messaging.table import LAST_BARRIER, ROWS
from messaging.verdict import Facts

State = Introduction.State
# What the asker took back, and what whoever was to be met refused: a refusal stays one when it is taken back too.
TAKEN_BACK = (State.WITHDRAWN, State.DROPPED)
REFUSED = (State.DECLINED, State.DROPPED)
# What keeps two apart by what the asker was told, a no included, and what limits the asker.
BARRIERS = tuple(row for row in ROWS if row.number <= LAST_BARRIER or row.code in {"declined", "sender_restricted"})


class IntroductionRefused(Exception):
    """Nothing was written; the text is a sentence for the member who asked."""


class IntroductionGone(IntroductionRefused):
    """It was withdrawn or decided, its time is over, or it never was this member's to decide."""


def ask(*, asker: Member, through: Member, target: Member, context: str, at: datetime) -> Introduction:
    """Ask `through`, connected with both, to bring the two together; `context` is clean, at most 500 code points.

    Counts as one of the day's InMails and uses no credit. One per pair until its time is over, unless it was
    accepted. Raises IntroductionRefused.
    """
    with short_wait():
        # Two of one member queue up, as sends do.
        ledger.lock_wallet(asker, at=at)
        known = _facts(asker, target, at=at)
        _refuse_barred(known)
        if not between(asker, target).filter(pk=through.pk).exists():
            raise IntroductionRefused(_("%(n)s is not connected with both of you.") % {"n": through.name})
        _refuse_stopped(asker, through, at=at)
        _refuse_again(asker, target, at=at)
        if not caps.reserve(asker, cap=known.daily_cap, at=at):
            raise IntroductionRefused(sentences.daily_limit(replace(known, sent_today=known.daily_cap)))
        made = Introduction.objects.create(
            asker=asker,
            through=through,
            target=target,
            context=context,
            asked_at=at,
            expires_at=at + timedelta(days=known.policy.introduction_days),
        )
        _tell(made, through, step="asked", at=at)
        return made


def why_not(asker: Member, target: Member, *, at: datetime) -> str:
    """Why `asker` cannot ask for an introduction to `target` now, in a sentence; empty = nothing stands against it."""
    try:
        _refuse_barred(_facts(asker, target, at=at))
        _refuse_again(asker, target, at=at)
    except IntroductionRefused as refusal:
        return str(refusal)
    return ""


def forward(*, introduction: Introduction, member: Member, words: str, at: datetime) -> Introduction:
    """The shared connection, `member`, passes it on with `words` of their own, which may be empty.

    A second time it answers with what was forwarded. Raises IntroductionGone, IntroductionRefused.
    """
    with short_wait():
        asked = Introduction.objects.filter(pk=introduction.pk, through=member)
        waiting = asked.filter(state=State.ASKED, expires_at__gt=at)
        if waiting.update(state=State.FORWARDED, words=words, forwarded_at=at):
            _refuse_unconnected(introduction, member)
            _refuse_suspended(member, at=at)
            if for_target(introduction.target, at=at).filter(pk=introduction.pk).exists():
                _tell(introduction, introduction.target, step="forwarded", at=at)
        return _now(introduction, asked, {State.FORWARDED, State.ACCEPTED, State.DECLINED})


def keep_back(*, introduction: Introduction, member: Member, at: datetime) -> Introduction:
    """The shared connection, `member`, does not pass it on; nobody is told. Raises IntroductionGone."""
    asked = Introduction.objects.filter(pk=introduction.pk, through=member)
    asked.filter(state=State.ASKED, expires_at__gt=at).update(state=State.PASSED, decided_at=at)
    return _now(introduction, asked, {State.PASSED})


def accept(*, introduction: Introduction, member: Member, at: datetime) -> Conversation:
    """Who was to be met, `member`, agrees: the two have an open conversation that begins with what the asker wrote.

    It answers InMail of the asker as any answer does. A second time it answers with the same conversation. Raises
    IntroductionGone, IntroductionRefused, accounts.busy.Busy.
    """
    with short_wait():
        ledger.lock_wallet(member, at=at)
        mine = Introduction.objects.filter(pk=introduction.pk, target=member)
        reaching = for_target(member, at=at).filter(pk=introduction.pk)
        if mine.filter(pk__in=reaching.values("pk")).update(state=State.ACCEPTED, decided_at=at):
            _refuse_suspended(member, at=at)
            open_conversation(introduction, policy=policy_in_force(at), at=at)
        _now(introduction, mine, {State.ACCEPTED})
        return Conversation.objects.for_participant(member).for_participant(introduction.asker).get()


def decline(*, introduction: Introduction, member: Member, at: datetime) -> Introduction:
    """Who was to be met, `member`, does not agree; nobody is told, and no later one of the asker reaches them.

    Raises IntroductionGone.
    """
    mine = Introduction.objects.filter(pk=introduction.pk, target=member)
    mine.filter(state=State.FORWARDED, expires_at__gt=at).update(state=State.DECLINED, decided_at=at)
    return _now(introduction, mine, {State.DECLINED})


def withdraw(*, introduction: Introduction, member: Member, at: datetime) -> Introduction:
    """The asker, `member`, takes it back, also where it was refused in silence: that refusal still counts.

    Raises IntroductionGone.
    """
    own = Introduction.objects.filter(pk=introduction.pk, asker=member)
    own.filter(state=State.DECLINED, expires_at__gt=at).update(state=State.DROPPED)
    running = own.exclude(state__in=[State.ACCEPTED, *REFUSED]).filter(expires_at__gt=at)
    running.update(state=State.WITHDRAWN, decided_at=at)
    return _now(introduction, own, set(TAKEN_BACK))


def asked_by(member: Member) -> QuerySet[Introduction]:
    """What this member asked for, withdrawn ones aside."""
    asked = Introduction.objects.filter(asker=member).exclude(state__in=TAKEN_BACK)
    return asked.select_related("target__profile", "through")


def for_through(member: Member, *, at: datetime) -> QuerySet[Introduction]:
    """What others wait for from this member as a shared connection, oldest first."""
    waiting = Introduction.objects.filter(through=member, state=State.ASKED, expires_at__gt=at, asker__is_active=True)
    return waiting.select_related("asker__profile", "target__profile").order_by("asked_at", "pk")


def for_target(member: Member, *, at: datetime) -> QuerySet[Introduction]:
    """Who would like to meet this member, oldest first: nobody who was refused, stopped or blocked, or is limited."""
    refused = Introduction.objects.filter(asker=OuterRef("asker"), target=member, state__in=REFUSED)
    apart = Q(blocker=member, blocked=OuterRef("asker")) | Q(blocker=OuterRef("asker"), blocked=member)
    limited = Restriction.objects.of_outreach(at).filter(member=OuterRef("asker"))
    teams = Seat.objects.held().filter(member=OuterRef(OuterRef("asker"))).values("team")
    told = Q(sender=OuterRef("asker")) | Q(team__in=teams)
    stopped = StopRequest.objects.filter(told, recipient=member, lifted_at=None)
    waiting = Introduction.objects.filter(target=member, state=State.FORWARDED, expires_at__gt=at)
    reaching = waiting.filter(asker__is_active=True).exclude(Exists(Block.objects.filter(apart)))
    reaching = reaching.exclude(Exists(refused)).exclude(Exists(limited)).exclude(Exists(stopped))
    return reaching.select_related("asker__profile", "through").order_by("forwarded_at", "pk")


def _facts(asker: Member, target: Member, *, at: datetime) -> Facts:
    return facts.load(asker, [target], at=at, policy=policy_in_force(at))[target.pk]


def _refuse_barred(known: Facts) -> None:
    """What the asker was told stands against it, or it is not needed: what is hidden from them does not show here."""
    for row in BARRIERS:
        if row.applies(known):
            raise IntroductionRefused(row.sentence(known))
    if known.is_open or known.is_linked:
        raise IntroductionRefused(_("You and %(n)s can write to each other already.") % {"n": known.recipient_name})


def _refuse_stopped(asker: Member, through: Member, *, at: datetime) -> None:
    """Nobody is written to as a shared connection who asked not to be written to."""
    known = _facts(asker, through, at=at)
    if is_stopped(known):
        raise IntroductionRefused(sentences.stopped(known))


def _refuse_again(asker: Member, target: Member, *, at: datetime) -> None:
    """The same words whether it waits, was refused or withdrawn."""
    earlier = Introduction.objects.filter(asker=asker, target=target, expires_at__gt=at).exclude(state=State.ACCEPTED)
    last = earlier.order_by("-expires_at").first()
    if last is not None:
        values = {"n": target.name, "date": day_words(last.expires_at, zone_of(asker))}
        raise IntroductionRefused(_("You asked for an introduction to %(n)s. You can ask again on %(date)s.") % values)


def _refuse_unconnected(introduction: Introduction, member: Member) -> None:
    for other_id in (introduction.asker_id, introduction.target_id):
        if connection_between(member.pk, other_id) is None:
            raise IntroductionGone(_("You are no longer connected with both of them."))


def _refuse_suspended(member: Member, *, at: datetime) -> None:
    limits = restrictions.limits_of(member, at=at)
    if limits.suspended_until is not None:
        values = {"date": day_words(limits.suspended_until, zone_of(member))}
        raise IntroductionRefused(_("You cannot send until %(date)s.") % values)


def _now(introduction: Introduction, own: QuerySet[Introduction], expected: set[str]) -> Introduction:
    """As it stands after the act. Raises IntroductionGone where the act came too late."""
    if not own.filter(state__in=expected).exists():
        raise IntroductionGone(_("This introduction is no longer open."))
    introduction.refresh_from_db(fields=["state", "words", "forwarded_at", "decided_at"])
    return introduction


def _tell(introduction: Introduction, member: Member, *, step: str, at: datetime) -> None:
    context = {
        "step": step,
        "asker": introduction.asker.name,
        "through": introduction.through.name,
        "target": introduction.target.name,
        "path": reverse("messaging:introductions"),
    }
    key = f"introduction:{introduction.public_id}:{step}"
    one = news.News(member_id=member.pk, kind=NoticeKind.INTRODUCTION, key=key, context=context, happened_at=at)
    news.tell([one], at=at)
