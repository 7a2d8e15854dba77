"""What else a member can do where a message cannot go: only ways whose page exists."""

from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from messaging.verdict import Facts, Way


def connect(facts: Facts) -> Way:
    label = _("Send a connection request, free")
    return Way("connect", label, reverse_lazy("accounts:invite", args=[facts.recipient_handle]))


def unblock(facts: Facts) -> Way:
    label = _("Unblock %(name)s") % {"name": facts.recipient_name}
    return Way("unblock", label, reverse_lazy("accounts:unblock", args=[facts.recipient_handle]), method="post")


def help_page(facts: Facts) -> Way:
    return Way("help", _("Why can this happen?"), reverse_lazy("messaging:why", args=["unavailable"]))


def purpose(facts: Facts) -> Way:
    return Way("purpose", _("Go to Purpose"), "#id_purpose")


def other_purpose(facts: Facts) -> Way:
    return Way("purpose", _("Choose another purpose, if it is true"), "#id_purpose")


def plans(facts: Facts) -> Way:
    return Way("plans", _("See plans"), reverse_lazy("billing:plan"))


def credits_page(facts: Facts) -> Way:
    return Way("credits", _("See credits"), reverse_lazy("billing:credits"))
