"""The words of the decision: what is known (Facts), what follows (Verdict), what else to do (Way)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.site_policy import SitePolicy

# Codes of a conversation that runs already, or of connections: no outreach, so no purpose and no cap.
CONVERSATION_CODES = frozenset({"open", "connection"})


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that decides whether one member may write to another, read before by `facts.load`.

    `purpose` empty and not `is_sending`: it is not chosen yet, and nothing is said about it.
    """

    at: datetime
    policy: SitePolicy
    zone: ZoneInfo
    sender_id: int
    recipient_id: int
    recipient_name: str
    recipient_handle: str
    purpose: str = ""
    is_sending: bool = False
    you_blocked: bool = False
    stopped_at: datetime | None = None
    # The recipient blocked the sender or is deactivated: never told apart (domain 6.2).
    is_unavailable: bool = False
    # Since when the recipient's words let the sender write; since when the recipient's no forbids it.
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    is_connected: bool = False
    reach: str = "everyone"
    refused_purposes: frozenset[str] = frozenset()
    is_first_contact: bool = True
    unanswered: int = 0
    last_outreach_at: datetime | None = None
    sent_today: int = 0
    daily_cap: int = 0
    has_open_profile: bool = False
    is_premium: bool = False
    has_plan: bool = False
    balance: int = 0
    is_wallet_frozen: bool = False
    next_amount: int = 0
    next_at: datetime | None = None

    @property
    def was_open(self) -> bool:
        return self.opened_at is not None and self.opened_at <= self.at

    @property
    def is_closed(self) -> bool:
        """The recipient said no, and it still counts."""
        if self.closed_at is None or self.closed_at > self.at:
            return False
        days = self.policy.decline_closes_days
        return days is None or self.at < self.closed_at + timedelta(days=days)

    @property
    def cost(self) -> int:
        return self.policy.cost_of(self.purpose)

    @property
    def purposes_taken(self) -> tuple[str, ...]:
        return tuple(purpose for purpose in self.policy.purposes if purpose not in self.refused_purposes)

    @property
    def follow_up_at(self) -> datetime | None:
        """From when the sender may write again without an answer; a day has 24 hours."""
        if self.last_outreach_at is None:
            return None
        return self.last_outreach_at + timedelta(days=self.policy.follow_up_gap_days)

    @property
    def refundable_until(self) -> datetime | None:
        """Until when an answer to a message charged now would give the credit back."""
        return self.policy.refundable_until(self.at) if self.policy.return_enabled else None


@dataclass(frozen=True)
class Way:
    """Something else that the reader can do. `method` post = a button that asks nothing more."""

    code: str
    label: str
    url: str | Promise
    method: str = "get"


@dataclass(frozen=True)
class TraceRow:
    """One row of the table as it was looked at, with the facts it read."""

    row: int
    code: str
    matched: bool
    facts: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What `decide` answers. `kind` is free, credit, blocked or error; `cost` in credits.

    The trace is for staff and takes no part in equality: two verdicts that read the same are the same.
    """

    channel: str
    cost: int
    code: str
    kind: str
    sentence: str
    alternatives: tuple[Way, ...] = ()
    policy_version: int = 0
    is_first_contact: bool = False
    is_returnable: bool = False
    refundable_until: datetime | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    trace: tuple[TraceRow, ...] = field(default=(), compare=False, repr=False)

    @property
    def sends(self) -> bool:
        return self.kind in {"free", "credit"}

    @property
    def is_outreach(self) -> bool:
        return self.channel in {"open_profile", "inmail"}

    @property
    def asks_purpose(self) -> bool:
        """The composer shows the purpose, also beside a refusal."""
        return self.code not in CONVERSATION_CODES

    @property
    def asks_subject(self) -> bool:
        return self.asks_purpose and self.is_first_contact

    @property
    def button(self) -> str:
        """The words on the composer's button; empty = there is none."""
        if self.kind == "credit":
            return ngettext("Send for %(cost)s credit", "Send for %(cost)s credits", self.cost) % {"cost": self.cost}
        return "" if self.kind == "blocked" else _("Send")

    @property
    def message_button(self) -> str:
        """The words on a profile's button that opens the composer."""
        if self.kind == "credit":
            words = ngettext("Message for %(cost)s credit", "Message for %(cost)s credits", self.cost)
            return words % {"cost": self.cost}
        return "" if self.kind == "blocked" else _("Message")

    @property
    def badge(self) -> str:
        """The price in a list, in a word or two."""
        if self.kind == "free":
            return _("Free")
        if self.kind == "credit":
            return ngettext("%(cost)s credit", "%(cost)s credits", self.cost) % {"cost": self.cost}
        return self._refusal_badge()

    def _refusal_badge(self) -> str:
        words = {
            "self": _("You"),
            "you_blocked": _("Blocked"),
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
            "no_credits": _("No credits left"),
        }
        return words[self.code]
