"""A plan in plain Python: its terms, and when it gives, changes and ends."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.billing.plain_money import later

NEVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Terms:
    allotment: int
    renewal: str = "accumulate"
    credit_life_days: int | None = 90
    cap: int | None = None
    allotment_clock: str = "start"
    annual_bonus_credits: int = 0
    interval: str = "month"


@dataclass(eq=False)
class PlainPlan:
    terms: Terms
    anchor: datetime
    paid: datetime
    cancelled: datetime | None = None
    given: int = 0
    terms_given: int = 0
    waiting: Terms | None = None
    changes: datetime | None = None
    grace: timedelta = timedelta(days=7)

    def start(self, number: int) -> datetime:
        starts = later(self.anchor, number)
        if self.terms.allotment_clock == "calendar_month" and number:
            return datetime(starts.year, starts.month, 1, tzinfo=UTC)
        return starts

    def end(self) -> datetime:
        unpaid = NEVER if self.paid == NEVER else self.paid + self.grace
        return min(unpaid, self.cancelled or NEVER)

    def goes_on(self, starts: datetime) -> datetime:
        return starts if starts < min(self.paid, self.cancelled or NEVER, self.changes or NEVER) else NEVER

    def next(self) -> datetime:
        return self.goes_on(self.start(self.given))

    def next_year(self) -> datetime:
        is_yearly = self.terms.interval == "year" and self.terms.annual_bonus_credits
        return self.goes_on(later(self.anchor, 12 * self.terms_given)) if is_yearly else NEVER

    def end_of_term(self, at: datetime) -> datetime:
        if self.paid != NEVER:
            return max(self.paid, at)
        months = 12 if self.terms.interval == "year" else 1
        number = 1
        while later(self.anchor, months * number) <= at:
            number += 1
        return later(self.anchor, months * number)
