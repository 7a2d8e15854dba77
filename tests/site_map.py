"""Every address of the site, read from the URLconf, and a small community in which each of them means something.

`ARGUMENTS` says for each name with a placeholder what stands in it. A new name that is missing there fails the
tests that walk the map: whoever adds a page says who may open it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import blocks, connections, letters, news, profiles, stops
from accounts.models import Connection, Member, NoticeKind, PageNotice, PolicyVersion, Seat, SeatInvitation
from accounts.pairs import low_and_high
from billing import orders, pools, referrals
from billing.models import Order, Pack, PlanVersion
from messaging import answering, appeal_links, conduct, drafts, introducing, sending
from messaging.models import Case, Conversation, Decision, Introduction, Message
from messaging.quotes import Quote
from messaging.verdicts import verdict_for
from tests.teams import give_seat, make_team

MakeMember = Callable[..., Member]

# Text that is a page's own markup as soon as one place forgets to escape.
POLYGLOT = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{ 7*7 }}{% now "Y" %}&lt;"""


@dataclass(kw_only=True)
class Community:
    """The author wrote to the reader. The others have no part in it."""

    author: Member
    reader: Member
    stranger: Member
    # Wrote to the reader once, and was blocked for it.
    blocked: Member
    # Connected with the reader.
    friend: Member
    # Invited by the reader; invited the reader; invited the reader and was ignored; was asked to stop.
    invited: Member
    inviter: Member
    ignored: Member
    stopped: Member
    # Staff: with every right; without any; with every right, but no second factor.
    chief: Member
    clerk: Member
    unarmed: Member

    conversation: Conversation
    # The author's newest, which can still be undone; the reader's tap, which can still be taken back.
    fresh: Message
    tap: Message
    # Of a team that the author looks after: the reader's seat, and an offer to the clerk.
    seat: Seat
    offer: SeatInvitation
    # The reader was told of credits that arrived.
    news: PageNotice
    # The author was sent an invoice.
    order: Order
    # Waits for the reader to pass it on; was passed on to the reader.
    introduction: Introduction
    offered: Introduction
    # The reader was warned, which limits nothing.
    decision: Decision

    @property
    def actors(self) -> dict[str, Member | None]:
        return {
            "visitor": None,
            "stranger": self.stranger,
            "reader": self.reader,
            "author": self.author,
            "blocked": self.blocked,
            "clerk": self.clerk,
            "unarmed": self.unarmed,
        }


def make_community(make_member: MakeMember, *, at: datetime, words: str = "Would you talk to us?") -> Community:
    """As the verbs of the product make it, with nothing due at `at`."""
    paying = {name: make_member(name, plan="premium-business") for name in ("Nadia Osei", "Paul Roy", "Bea Kurz")}
    author, patron, blocked = paying.values()
    names = ("Tomas Lind", "Vera Kranz", "Fay Moreau", "Ivo Novak", "Ines Duarte", "Igor Pavlov", "Stan Wolf", "Ugo Bo")
    reader, stranger, friend, invited, inviter, ignored, stopped, other = (make_member(name) for name in names)
    for member in Member.objects.all():
        EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    _relate(
        reader, at=at, friend=friend, invited=invited, inviter=inviter, ignored=ignored, stopped=stopped, words=words
    )
    _write(author, reader, words=words, at=at - timedelta(hours=2))
    _write(blocked, reader, words=words, at=at - timedelta(hours=2))
    blocks.block(blocker=reader, blocked=blocked, at=at - timedelta(hours=1))
    _write(patron, reader, words=words, at=at - timedelta(hours=1))
    asked = Conversation.objects.for_participant(reader).for_participant(patron).get()
    referrals.make_link(member=author)
    drafts.save_draft(
        member=reader, recipient=friend, subject="", body=words, purpose="", send_key=drafts.new_send_key(), at=at
    )
    return Community(
        author=author,
        reader=reader,
        stranger=stranger,
        blocked=blocked,
        friend=friend,
        invited=invited,
        inviter=inviter,
        ignored=ignored,
        stopped=stopped,
        chief=_staff(make_member("Chi Ndlovu"), is_superuser=True),
        clerk=_staff(make_member("Cleo Arden")),
        unarmed=_staff(make_member("Una Brandt"), is_superuser=True, has_second_factor=False),
        conversation=Conversation.objects.for_participant(reader).for_participant(author).get(),
        fresh=_write(author, other, words=words, at=at - timedelta(seconds=5)),
        tap=answering.answer(
            conversation=asked, member=reader, answer="interested", body=words, at=at - timedelta(seconds=5)
        ),
        **_share_a_team(author, reader, at=at - timedelta(hours=3)),
        news=_tell(reader, words=words, at=at - timedelta(hours=1)),
        order=_order(author, at=at - timedelta(hours=1)),
        introduction=_introduce(other, reader, friend, words=words, at=at - timedelta(hours=1)),
        decision=_warn(reader, words=words, at=at - timedelta(hours=1)),
        offered=_offer(invited, friend, reader, words=words, at=at - timedelta(hours=1)),
    )


def _introduce(asker: Member, through: Member, target: Member, *, words: str, at: datetime) -> Introduction:
    for one in (asker, target):
        Connection.objects.get_or_create(**low_and_high(one.pk, through.pk), defaults={"connected_at": at})
    return introducing.ask(asker=asker, through=through, target=target, context=words, at=at)


def _offer(asker: Member, through: Member, target: Member, *, words: str, at: datetime) -> Introduction:
    asked = _introduce(asker, through, target, words=words, at=at)
    return introducing.forward(introduction=asked, member=through, words=words, at=at)


def _share_a_team(admin: Member, holder: Member, *, at: datetime) -> dict[str, Any]:
    team = make_team(admin, licences=3, at=at)
    clerk = Member.objects.get(name="Cleo Arden")
    offer = pools.invite(team=team, address=clerk.email, actor=admin, at=at)
    return {"seat": give_seat(team, holder, at=at), "offer": offer}


@override_settings(PAYMENT_PROVIDER="manual")
def _order(buyer: Member, *, at: datetime) -> Order:
    pack = Pack.objects.get_or_create(credits=10, price=1_000, currency="USD")[0]
    return orders.order_pack(buyer=buyer, pack=pack, form_key="w" * 14, at=at)


def _warn(member: Member, *, words: str, at: datetime) -> Decision:
    case = conduct.open_case(about=member, source=Case.Source.STAFF, harm=1, key="staff:warned", evidence={}, at=at)
    facts = f"{words} You wrote the same to forty people."
    return conduct.decide_case(case=case, outcome="warning", rule="bulk", facts=facts, decided_by=None, at=at)


def _tell(member: Member, *, words: str, at: datetime) -> PageNotice:
    context = {"credits": 3, "source": "promo", "reason": words[:200], "path": "/credits/"}
    kind = NoticeKind.CREDITS_GRANTED
    news.tell([news.News(member_id=member.pk, kind=kind, key="gift:1", context=context, happened_at=at)], at=at)
    return PageNotice.objects.get(key="gift:1")


def _relate(reader: Member, *, at: datetime, words: str, **others: Member) -> None:
    before = at - timedelta(days=2)
    for name in ("friend", "inviter", "ignored"):
        invitation = connections.invite(sender=others[name], recipient=reader, note=words, at=before)
        if name == "friend":
            connections.accept(invitation=invitation, member=reader, at=before)
        if name == "ignored":
            connections.ignore(invitation=invitation, member=reader, at=before)
    connections.invite(sender=reader, recipient=others["invited"], note=words, at=before)
    stops.stop(recipient=reader, sender=others["stopped"], at=before)


def _write(sender: Member, recipient: Member, *, words: str, at: datetime) -> Message:
    shown = Quote.of(verdict_for(sender, recipient, purpose="job_offer", at=at))
    key = drafts.new_send_key()
    letter = {"subject": words[:200], "body": words, "purpose": "job_offer", "send_key": key}
    return sending.send(sender=sender, recipient=recipient, shown=shown, at=at, **letter).message


def _staff(member: Member, *, is_superuser: bool = False, has_second_factor: bool = True) -> Member:
    member.is_staff, member.is_superuser = True, is_superuser
    member.save(update_fields=["is_staff", "is_superuser"])
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    if has_second_factor:
        Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return member


def give_role(member: Member, role: str) -> Member:
    member.groups.set(Group.objects.filter(name=role))
    return member


def rename_everybody(words: str) -> None:
    """The same words in every field of every profile, under every name."""
    for member in Member.objects.select_related("profile"):
        text = {"headline": words, "company": words[:100], "location": words[:100], "about": words}
        own = {"handle": member.handle, "time_zone": "UTC", "language": "en"}
        profiles.save_profile(member=member, name=words[:100], **text, **own)


# --- Addresses ------------------------------------------------------------------------------------------

ARGUMENTS: dict[str, Callable[[Community], list[object]]] = {
    "accounts:invitation_accept": lambda of: [of.inviter.handle],
    "accounts:invitation_ignore": lambda of: [of.inviter.handle],
    "accounts:invitation_restore": lambda of: [of.ignored.handle],
    "accounts:invitation_withdraw": lambda of: [of.invited.handle],
    "accounts:invite": lambda of: [of.stopped.handle],
    "accounts:disconnect": lambda of: [of.friend.handle],
    "accounts:block": lambda of: [of.friend.handle],
    "accounts:unblock": lambda of: [of.stopped.handle],
    "accounts:lift_stop": lambda of: [of.stopped.handle],
    "accounts:notice_open": lambda of: [of.news.public_id],
    "accounts:unsubscribe": lambda of: [letters.unsubscribe_path(of.reader).split("/")[-2]],
    "billing:statement": lambda of: ["2026-11"],
    "billing:come": lambda of: [referrals.make_link(member=of.author).code],
    "billing:plan_ask": lambda of: ["premium-career"],
    "billing:plan_change": lambda of: ["premium-career"],
    "billing:team_plan_choose": lambda of: ["sales-navigator-team"],
    "billing:team_plan_change": lambda of: ["sales-navigator-team"],
    "billing:buy": lambda of: [10],
    "billing:pool_buy": lambda of: [10],
    "billing:order": lambda of: [of.order.public_id],
    "billing:invoice": lambda of: [of.order.invoice_number],
    **{
        f"billing:{name}": lambda of: [of.seat.public_id]
        for name in (
            "seat",
            "seat_park",
            "seat_unpark",
            "seat_remove",
            "seat_reassign",
            "seat_appoint",
            "seat_dismiss",
        )
    },
    "billing:seat_invitation": lambda of: [of.offer.public_id],
    "billing:seat_invitation_withdraw": lambda of: [of.offer.public_id],
    **{
        f"messaging:{name}": lambda of: [of.conversation.public_id]
        for name in (
            "conversation",
            "mark_read",
            "mark_unread",
            "archive_conversation",
            "restore_conversation",
            "answer",
            "stop",
        )
    },
    "messaging:undo": lambda of: [of.fresh.public_id],
    "messaging:take_back": lambda of: [of.tap.public_id],
    "messaging:change_answer": lambda of: [of.tap.public_id],
    **{
        f"messaging:{name}": lambda of: [of.friend.handle]
        for name in (
            *("compose", "quote", "draft_save", "draft_discard", "profile"),
            *("schedule", "unschedule", "review_take_back", "remind"),
        )
    },
    "messaging:introduce": lambda of: [of.invited.handle],
    **{
        f"messaging:introduction_{name}": lambda of: [of.introduction.public_id]
        for name in ("forward", "keep_back", "withdraw")
    },
    **{f"messaging:introduction_{name}": lambda of: [of.offered.public_id] for name in ("accept", "decline")},
    "messaging:not_spam": lambda of: [of.conversation.public_id],
    "messaging:report": lambda of: [of.conversation.messages.filter(recipient=of.reader).get().public_id],
    **{f"messaging:{name}": lambda of: [of.decision.public_id] for name in ("case", "appeal")},
    "messaging:appeal_by_mail": lambda of: [appeal_links.appeal_path(of.decision).split("/")[-2]],
    "messaging:why": lambda of: ["inmail"],
    "messaging:answer_all": lambda of: ["decline"],
    "account_reset_password_from_key": lambda of: ["1", "set-password"],
    "mfa_remove_webauthn": lambda of: [1],
    "mfa_edit_webauthn": lambda of: [1],
    "admin:app_list": lambda of: ["messaging"],
    "admin:order_page": lambda of: [of.order.pk],
    "admin:policy_compare": lambda of: [PolicyVersion.objects.order_by("pk").values_list("pk", flat=True)[0]],
    "admin:terms_compare": lambda of: [PlanVersion.objects.get(plan__code="premium-career").pk],
    "admin:terms_propose": lambda of: [PlanVersion.objects.get(plan__code="premium-career").plan_id],
    "admin:case_decide": lambda of: [_key_of_a_row("admin:messaging_case_change")],
    "admin:pool_adjust": lambda of: [of.seat.team_id],
    "admin:team_subscription": lambda of: [of.seat.team_id],
    # Nothing of the kind is there: a page that is not found is judged too.
    **{
        f"admin:{name}": lambda of: [1]
        for name in ("adjustment_decide", "write_off", "survey_give", "reconciliation_run", "appeal_decide")
    },
    "admin:view_on_site": lambda of: [ContentType.objects.get_for_model(Member).pk, of.reader.pk],
}


def address(name: str, community: Community) -> str:
    """One address of a name, with what the community has for its placeholders."""
    if name in ARGUMENTS:
        return reverse(name, args=ARGUMENTS[name](community))
    if name.startswith("admin:member_"):
        return reverse(name, args=[community.reader.pk])
    if name.startswith("admin:") and name.count("_") == 2 and name.endswith(("_change", "_history", "_delete")):
        return reverse(name, args=[_key_of_a_row(name)])
    return reverse(name)


def _key_of_a_row(name: str) -> int:
    """One that exists if any does, so that a page of it is opened and not only its 404."""
    app, model, _page = name.removeprefix("admin:").split("_")
    row = apps.get_model(app, model)._default_manager.order_by("pk").first()
    return row.pk if row else 1


def names() -> list[str]:
    """Every name of the URLconf, allauth's and the console's included."""
    return list(dict.fromkeys(_names(get_resolver().url_patterns)))


def _names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name:
            yield space + pattern.name


def browser(member: Member | None, **kwargs: object) -> Client:
    """A client, signed in unless nobody is given."""
    client = Client(**kwargs)  # type: ignore[arg-type]
    if member:
        client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client
