"""What the page that schedules a text shows: the text, the verdict of a later time, and when it may go."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accounts.models import Member
from messaging import scheduling
from messaging.forms import ScheduleForm
from messaging.models import Draft
from messaging.quotes import Quote
from messaging.verdict import Verdict
from messaging.views.composer import Composer


@dataclass(frozen=True, kw_only=True)
class Planner:
    """The plan of one member for one text at one instant."""

    draft: Draft
    plan: scheduling.Plan
    at: datetime
    wanted: datetime | None = None
    as_inmail: bool = False
    sending_for: str = ""

    @classmethod
    def open(
        cls,
        member: Member,
        recipient: Member,
        *,
        at: datetime,
        wanted: datetime | None,
        as_inmail: bool,
        sending_for: str,
    ) -> "Planner | None":
        """None without a text that could be sent as it is. What is scheduled keeps the way it was scheduled for."""
        drafts = Draft.objects.filter(member=member, recipient=recipient, in_review_since=None)
        draft = drafts.select_related("member", "recipient__profile").first()
        if draft is None or not _is_whole(draft, at=at):
            return None
        way: dict[str, Any] = {"as_inmail": as_inmail, "sending_for": sending_for}
        if draft.send_at is not None:
            way = {"as_inmail": draft.as_inmail, "sending_for": draft.sending_for}
        plan = scheduling.plan_for(member, recipient, draft, at=at, **way)
        return cls(draft=draft, plan=plan, at=at, wanted=wanted or draft.send_at, **way)

    @property
    def recipient(self) -> Member:
        return self.draft.recipient

    def facing(self, verdict: Verdict) -> "Planner":
        """The same after the answer changed."""
        return replace(self, plan=replace(self.plan, verdict=verdict))

    def schedule(self, *, send_at: datetime, shown: Quote) -> Draft:
        return scheduling.schedule(
            sender=self.draft.member,
            recipient=self.recipient,
            send_at=send_at,
            shown=shown,
            at=self.at,
            as_inmail=self.as_inmail,
            sending_for=self.sending_for,
        )

    def context(self, form: ScheduleForm | None = None) -> dict[str, Any]:
        channel = "inmail" if self.as_inmail else ""
        verdict = self.plan.verdict
        begun = {"send_at": self.wanted or self.plan.suggested, "channel": channel, "sending_for": self.sending_for}
        return {
            "draft": self.draft,
            "recipient": self.recipient,
            # Other ways are for what cannot go.
            "verdict": replace(verdict, alternatives=()) if verdict.sends else verdict,
            "quote": Quote.of(verdict),
            "form": form or ScheduleForm(initial=begun),
            "channel": channel,
            "sending_for": self.sending_for,
        }


def _is_whole(draft: Draft, *, at: datetime) -> bool:
    """Whether the composer's form takes the text as it is."""
    composer = Composer.open(draft.member, draft.recipient, at=at, purpose=draft.purpose, text="")
    text = {name: getattr(draft, name) for name in ("purpose", "reason", "subject", "body", "send_key")}
    return composer.takes_whole(text)
