"""What a member was shown before pressing Send, and whether it still holds (domain 6.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from messaging.verdict import CONVERSATION_CODES, Verdict

HELD = "held_for_review"


@dataclass(frozen=True)
class Quote:
    """Travels in hidden fields. A forged one can only make the member refuse a price, never lower it."""

    code: str = ""
    cost: int = 0
    is_returnable: bool = False
    refundable_until: datetime | None = None
    # Whose credits: a team's public id; empty = one's own.
    wallet: str = ""
    # Agreed for a planned follow-up: it ends with an answer or a connection (domain 7.6).
    ends_with_answer: bool = False

    @classmethod
    def of(cls, verdict: Verdict) -> "Quote":
        """What is shown beside a button; of a text that is to be held, what it costs once it passed."""
        if verdict.once_passed is not None:
            return replace(cls.of(verdict.once_passed), code=HELD)
        return cls(verdict.code, verdict.cost, verdict.is_returnable, verdict.refundable_until, verdict.wallet)

    @classmethod
    def from_form(cls, fields: Mapping[str, str]) -> "Quote":
        """What `as_hidden` wrote. Anything else counts as no quote: then only a free message goes."""
        try:
            until = fields.get("quote_until", "")
            return cls(
                fields.get("quote_code", ""),
                int(fields.get("quote_cost", "0")),
                fields.get("quote_returns") == "yes",
                datetime.fromisoformat(until) if until else None,
                fields.get("quote_wallet", ""),
            )
        except (ValueError, OverflowError):
            return cls()

    def as_hidden(self) -> dict[str, str]:
        return {
            "quote_code": self.code,
            "quote_cost": str(self.cost),
            "quote_returns": "yes" if self.is_returnable else "",
            "quote_until": self.refundable_until.isoformat() if self.refundable_until else "",
            "quote_wallet": self.wallet,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, str]) -> "Quote":
        """What `as_json` wrote."""
        return replace(cls.from_form(kept), ends_with_answer=kept.get("ends_with_answer") == "yes")

    def as_json(self) -> dict[str, str]:
        return {**self.as_hidden(), "ends_with_answer": "yes" if self.ends_with_answer else ""}

    def holds(self, verdict: Verdict) -> bool:
        """Whether the verdict of now is what was shown, or better."""
        if not verdict.sends or verdict.cost > self.cost:
            return False
        if verdict.is_outreach and verdict.wallet != self.wallet:
            # Never another wallet than was shown, nor for somebody else (domain 5.8).
            return False
        if self.ends_with_answer and verdict.continues:
            return False
        if not verdict.continues and self.code in CONVERSATION_CODES:
            return False
        return verdict.cost == 0 or not self.is_returnable or self._returns_as_long(verdict)

    def _returns_as_long(self, verdict: Verdict) -> bool:
        if not verdict.is_returnable or verdict.refundable_until is None:
            return verdict.is_returnable
        if self.refundable_until is None or self.refundable_until.tzinfo is None:
            return False
        return verdict.refundable_until >= self.refundable_until
