"""The words of the decision: what is known (Facts), what follows (Verdict), what else to do (Way)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.site_policy import SitePolicy
from messaging import badges
from messaging.dates import next_midnight, next_monday

UTC = ZoneInfo("UTC")
# Codes of a conversation that runs already, or of connections: no purpose is asked and no cap of outreach counts.
CONVERSATION_CODES = frozenset({"open", "open_paid", "connection", "connection_limit"})
REASON_LEAST, REASON_MOST = 10, 200


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
    # The reason for contact, where the site asks for one.
    reason: str = ""
    # A connection to whom the sender chose to write an InMail all the same.
    wants_inmail: bool = False
    is_sending: bool = False
    # What limits the sender: the rule as members read it, and the page of the decision (empty = none).
    suspended_until: datetime | None = None
    restricted_until: datetime | None = None
    rule_broken: str = ""
    decision_id: str = ""
    # The sender's address waits for its confirmation.
    is_unconfirmed: bool = False
    you_blocked: bool = False
    stopped_at: datetime | None = None
    # The recipient blocked the sender or is deactivated: never told apart (domain 6.2).
    is_unavailable: bool = False
    # Since when the recipient's words let the sender write; since when the recipient's no forbids it.
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    is_connected: bool = False
    # Nobody wrote in this conversation yet; conversations with connections that the sender started today.
    is_start: bool = True
    starts_today: int = 0
    # The first outreach between the two was the sender's.
    is_starter: bool = False
    recipient_is_premium: bool = False
    reach: str = "everyone"
    refused_purposes: frozenset[str] = frozenset()
    is_first_contact: bool = True
    unanswered: int = 0
    last_outreach_at: datetime | None = None
    sent_today: int = 0
    # The plan's, or the lower one of a new account, which ends at new_until.
    daily_cap: int = 0
    new_until: datetime | None = None
    day_ends_at: datetime | None = None
    open_profile_today: int = 0
    # New people who reached the recipient in the day and week of the recipient's zone, and the recipient's own limits.
    recipient_zone: ZoneInfo = UTC
    received_today: int = 0
    received_this_week: int = 0
    own_cap_day: int | None = None
    own_cap_week: int | None = None
    hides_caps: bool = False
    # So many texts of the sender's last days are like this one; a moderator let it pass.
    repeats: int = 0
    passed_review: bool = False
    introducer_name: str = ""
    introducer_handle: str = ""
    has_open_profile: bool = False
    is_premium: bool = False
    has_plan: bool = False
    # Whose credits: a team by its public id, or the sender's own. What follows is that wallet's.
    wallet: str = ""
    balance: int = 0
    is_wallet_frozen: bool = False
    # Most credits a period for the sender's seat, and what is left of them; None = no limit.
    allowance: int | None = None
    allowance_left: int | None = None
    # Who can give the seat more: another admin of the team; empty = the sender alone.
    admin_name: str = ""
    admin_handle: str = ""
    next_amount: int = 0
    next_at: datetime | None = None
    # Credits for sale to the sender, smallest pack first: how many, and the price in words.
    packs: tuple[tuple[int, str], ...] = ()

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
    def is_open(self) -> bool:
        """The recipient's words let the sender write, and no later no forbids it."""
        return self.was_open and not self.is_closed

    @property
    def is_linked(self) -> bool:
        """Both are connected, and the sender does not choose an InMail where the site offers one."""
        chose_inmail = self.wants_inmail and self.policy.inmail_to_connections
        return self.is_connected and not self.is_unavailable and not chose_inmail

    @property
    def pays_when_open(self) -> bool:
        """Where each message is paid for, whoever started pays after an answer too; an Open Profile stays free."""
        if self.policy.charge_unit != "message" or self.is_connected or self.has_open_profile:
            return False
        return self.is_open and self.is_starter

    @property
    def is_free_follow_up(self) -> bool:
        """Where the conversation is paid for, what follows an unanswered first InMail is free."""
        return self.policy.charge_unit == "conversation" and self.unanswered > 0

    @property
    def skips_requests(self) -> bool:
        """Premium reaches premium, where the site says so: not a refused purpose, nor Requests, stands in the way."""
        return self.policy.premium_reaches_premium and self.is_premium and self.recipient_is_premium

    @property
    def has_reason(self) -> bool:
        return REASON_LEAST <= len(self.reason) <= REASON_MOST

    @property
    def cost(self) -> int:
        """Credits for one message now; in an open conversation there is no purpose that could change it."""
        if self.is_free_follow_up:
            return 0
        return self.policy.cost_of("" if self.is_open else self.purpose)

    @property
    def is_open_profile_full(self) -> bool:
        return self.has_open_profile and self.open_profile_today >= self.policy.open_profile_daily_cap

    @property
    def recipient_cap_day(self) -> int:
        return self._cap(self.policy.recipient_cap_day, self.own_cap_day)

    @property
    def recipient_cap_week(self) -> int:
        return self._cap(self.policy.recipient_cap_week, self.own_cap_week)

    def _cap(self, site: int, own: int | None) -> int:
        """Of an InMail between premium members only the site's own limit counts, where the site says so."""
        goes_past = self.skips_requests and not self.has_open_profile
        return site if own is None or goes_past else min(site, own)

    @property
    def recipient_full_until(self) -> datetime | None:
        """When the recipient takes new people again; None = now. Who wrote before is not new."""
        if not self.is_first_contact:
            return None
        if self.received_this_week >= self.recipient_cap_week:
            return next_monday(self.at, self.recipient_zone)
        if self.received_today >= self.recipient_cap_day:
            return next_midnight(self.at, self.recipient_zone)
        return None

    @property
    def is_repeated(self) -> bool:
        """So often that a moderator looks first (domain 8.2)."""
        return self.repeats >= self.policy.duplicate_hold_at and not self.passed_review

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
    """Something else to do. `method` post = a button that asks nothing more; text = it takes the text along."""

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
    """What `decide` answers. `kind` is free, credit, blocked, error or review; `cost` in credits.

    The trace is for staff and takes no part in equality: two verdicts that read the same are the same.
    """

    channel: str
    cost: int
    code: str
    kind: str
    sentence: str
    alternatives: tuple[Way, ...] = ()
    policy_version: int = 0
    # Whose credits it uses, of outreach: as in Facts.
    wallet: str = ""
    is_first_contact: bool = False
    # The conversation is open or the two are connected: an answer is possible, and no purpose is asked.
    continues: bool = False
    skips_requests: bool = False
    is_returnable: bool = False
    refundable_until: datetime | None = None
    # Of a paid one: when the credit comes back, in a sentence.
    return_rule: str = ""
    # Of a text that is to be held: what sending it is once a moderator let it pass.
    once_passed: "Verdict | None" = None
    values: Mapping[str, object] = field(default_factory=dict)
    trace: tuple[TraceRow, ...] = field(default=(), compare=False, repr=False)

    @property
    def sends(self) -> bool:
        return self.kind in {"free", "credit"}

    @property
    def is_outreach(self) -> bool:
        return self.counts_for_cap or self.kind == "credit"

    @property
    def counts_for_cap(self) -> bool:
        """The limit counts whom one writes to, not what a running conversation costs."""
        return self.channel in {"open_profile", "inmail"}

    @property
    def asks_purpose(self) -> bool:
        """The composer shows the purpose, also beside a refusal."""
        return not self.continues

    @property
    def asks_subject(self) -> bool:
        return self.asks_purpose and self.is_first_contact

    @property
    def button(self) -> str:
        """The words on the composer's button; empty = there is none."""
        if self.kind == "credit":
            return ngettext("Send for %(cost)s credit", "Send for %(cost)s credits", self.cost) % {"cost": self.cost}
        if self.kind == "review":
            return _("Send for review")
        return "" if self.kind == "blocked" else _("Send")

    @property
    def message_button(self) -> str:
        """The words on a profile's button that opens the composer."""
        if self.kind == "credit":
            words = ngettext("Message for %(cost)s credit", "Message for %(cost)s credits", self.cost)
            return words % {"cost": self.cost}
        return "" if self.kind in {"blocked", "review"} else _("Message")

    @property
    def badge(self) -> str:
        """The price in a list, in a word or two."""
        if self.kind == "free":
            return _("Free")
        if self.kind == "credit":
            return ngettext("%(cost)s credit", "%(cost)s credits", self.cost) % {"cost": self.cost}
        return badges.of_refusal(self.code)
