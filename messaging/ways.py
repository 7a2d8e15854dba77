"""What else a member can do where a message cannot go: only ways whose page exists."""

from datetime import datetime

from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging.dates import day_words, morning_after, time_words, tomorrow_morning
from messaging.verdict import Facts, Way


def connect(facts: Facts) -> Way:
    """Something free: a connection request, or, to a connection who was to get an InMail, a plain message."""
    if facts.is_connected and not facts.is_unavailable:
        label = _("Write for free, as a connection")
        return Way("free", label, reverse_lazy("messaging:compose", args=[facts.recipient_handle]))
    label = _("Send a connection request, free")
    return Way("connect", label, reverse_lazy("accounts:invite", args=[facts.recipient_handle]))


def introduce(facts: Facts) -> Way | None:
    """Where a connection of both could bring the two together, and nothing told to the sender stands against it."""
    is_linked = facts.is_connected and not facts.is_unavailable
    if not facts.introducer_handle or is_linked or facts.is_closed or facts.restricted_until is not None:
        return None
    label = _("Ask %(name)s for an introduction") % {"name": facts.introducer_name}
    return Way("introduce", label, reverse_lazy("messaging:introduce", args=[facts.recipient_handle]))


def as_inmail(facts: Facts) -> Way | None:
    """Where the site offers it, a connection may be sent an InMail; free comes first (domain 4.1)."""
    if not facts.policy.inmail_to_connections:
        return None
    words = ngettext("Send an InMail for %(n)s credit", "Send an InMail for %(n)s credits", facts.policy.inmail_cost)
    composer = reverse("messaging:compose", args=[facts.recipient_handle])
    return Way("inmail", words % {"n": facts.policy.inmail_cost}, f"{composer}?channel=inmail")


def unblock(facts: Facts) -> Way:
    label = _("Unblock %(name)s") % {"name": facts.recipient_name}
    return Way("unblock", label, reverse_lazy("accounts:unblock", args=[facts.recipient_handle]), method="post")


def decision(facts: Facts) -> Way | None:
    """The page of the decision that limits the sender."""
    if not facts.decision_id:
        return None
    return Way("decision", _("See the decision"), reverse_lazy("messaging:case", args=[facts.decision_id]))


def appeal(facts: Facts) -> Way | None:
    if not facts.decision_id:
        return None
    return Way("appeal", _("Appeal"), reverse_lazy("messaging:appeal", args=[facts.decision_id]))


def confirm_address(facts: Facts) -> Way:
    return Way("confirm", _("Send the code again"), reverse_lazy("account_email"))


def help_page(facts: Facts) -> Way:
    return Way("help", _("Why can this happen?"), reverse_lazy("messaging:why", args=["unavailable"]))


def purpose(facts: Facts) -> Way:
    return Way("purpose", _("Go to Purpose"), "#id_purpose")


def other_purpose(facts: Facts) -> Way:
    return Way("purpose", _("Choose another purpose, if it is true"), "#id_purpose")


def plans(facts: Facts) -> Way:
    return Way("plans", _("See plans"), reverse_lazy("billing:plan"))


def ask_team_admin(facts: Facts) -> Way:
    """A message to whoever can give the seat more; who looks after the team alone changes it."""
    if not facts.admin_handle:
        return Way("allowance", _("Change your allowance"), reverse_lazy("billing:seats"))
    label = _("Ask %(name)s for more") % {"name": facts.admin_name}
    return Way("ask", label, reverse_lazy("messaging:compose", args=[facts.admin_handle]))


def credits_page(facts: Facts) -> Way:
    return Way("credits", _("See credits"), reverse_lazy("billing:credits"))


def buy(facts: Facts) -> Way | None:
    """The smallest pack that is enough, where packs are sold to the sender."""
    enough = (pack for pack in facts.packs if facts.balance + pack[0] >= facts.cost)
    if (pack := next(enough, None)) is None:
        return None
    number, price = pack
    words = ngettext("Buy %(n)s for %(price)s", "Buy %(n)s for %(price)s", number)
    return Way("buy", words % {"n": number, "price": price}, reverse("billing:buy", args=[number]))


def schedule(facts: Facts) -> Way:
    return _schedule(facts, _("Schedule"))


def schedule_tomorrow(facts: Facts) -> Way:
    morning = tomorrow_morning(facts.at, facts.zone)
    label = _("Schedule for tomorrow %(time)s") % {"time": time_words(morning, facts.zone)}
    return _schedule(facts, label, morning)


def schedule_follow_up(facts: Facts) -> Way:
    """From when the sender may write again."""
    assert facts.follow_up_at is not None
    return _schedule_for(facts, facts.follow_up_at)


def schedule_with_credits(facts: Facts) -> Way | None:
    """When the next credits arrive, if they are enough."""
    if facts.next_at is None or facts.balance + facts.next_amount < facts.cost:
        return None
    return _schedule_for(facts, facts.next_at)


def remind(facts: Facts) -> Way:
    assert facts.follow_up_at is not None
    return _remind(facts, _("Remind me on %(date)s") % {"date": day_words(facts.follow_up_at, facts.zone)})


def tell_me(facts: Facts) -> Way:
    assert facts.recipient_full_until is not None
    return _remind(facts, _("Tell me on %(date)s") % {"date": day_words(facts.recipient_full_until, facts.zone)})


def _remind(facts: Facts, label: str) -> Way:
    return Way("remind", label, reverse("messaging:remind", args=[facts.recipient_handle]), method="post")


def _schedule_for(facts: Facts, instant: datetime) -> Way:
    morning = morning_after(instant, facts.zone)
    return _schedule(facts, _("Schedule for %(date)s") % {"date": day_words(morning, facts.zone)}, morning)


def _schedule(facts: Facts, label: str, morning: datetime | None = None) -> Way:
    page = reverse("messaging:schedule", args=[facts.recipient_handle])
    query = f"?at={morning.astimezone(facts.zone):%Y-%m-%dT%H:%M}" if morning is not None else ""
    return Way("schedule", label, page + query, method="text")
