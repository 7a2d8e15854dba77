"""What else a member can do where a message cannot go: only ways whose page exists."""

from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
