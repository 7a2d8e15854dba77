"""Why a message cannot go, in a word or two, for lists."""

from django.utils.translation import gettext as _


def of_refusal(code: str) -> str:
    """The word beside a name. Raises KeyError for a code that is no refusal."""
    words = {
        "self": _("You"),
        "sender_suspended": _("You cannot send"),
        "sender_unverified": _("Confirm your e-mail"),
        "sender_restricted": _("You are limited"),
        "recipient_full": _("Full for now"),
        "held_for_review": _("Needs review"),
        "you_blocked": _("Blocked"),
        "connection_limit": _("Limit reached"),
        "stopped": _("Asked you to stop"),
        "unavailable": _("Unavailable"),
        "not_accepting": _("InMail unavailable"),
        "declined": _("Said no"),
        "awaiting_answer": _("No answer yet"),
        "unanswered_limit": _("No answer"),
        "purpose_invalid": _("Choose a purpose"),
        "purpose_refused": _("Another purpose"),
        "daily_limit": _("Limit reached"),
        "premium_only": _("Premium only"),
        "plan_required": _("Needs a plan"),
        "wallet_held": _("On hold"),
        "seat_limit": _("Limit reached"),
        "no_credits": _("No credits left"),
    }
    return words[code]
