"""What the composer shows: one form, the verdict beside its button, and the quote that travels with it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.connections import degrees
from accounts.models import Member
from accounts.site_policy import SitePolicy, policy_in_force
from messaging.composer_notices import Notices, notices_for
from messaging.drafts import draft_for, resting
from messaging.forms import ComposeForm
from messaging.models import Draft
from messaging.names import first_name
from messaging.sending import Quote, what_writing_changes
from messaging.sending_for import seat_for
from messaging.similarity import main_part
from messaging.verdict import CONVERSATION_CODES, Verdict
from messaging.verdicts import verdict_for
from messaging.views.profile import takes

# Refusals that may pass, by waiting or with another purpose: the fields stay, and so does the draft.
MAY_PASS = frozenset(
    {
        "connection_limit",
        "sender_unverified",
        "sender_restricted",
        "awaiting_answer",
        "purpose_invalid",
        "purpose_refused",
        "recipient_full",
        "daily_limit",
        "premium_only",
        "plan_required",
        "wallet_held",
        "seat_limit",
        "no_credits",
        "held_for_review",
    }
)


# What a member types, by the names of form, draft and verb.
TYPED = ("purpose", "reason", "subject", "body", "send_key")


@dataclass(frozen=True, kw_only=True)
class Composer:
    """The composer of one member for one recipient at one instant."""

    member: Member
    recipient: Member
    verdict: Verdict
    policy: SitePolicy
    draft: Draft
    at: datetime
    # What the verdict looked at.
    text: str = ""
    # An InMail was chosen, though the two are connected.
    as_inmail: bool = False
    # The name of the team whose seat the member holds, and whether they chose to write for it or for themselves.
    team: str = ""
    sending_for: str = ""

    @classmethod
    def open(
        cls,
        member: Member,
        recipient: Member,
        *,
        at: datetime,
        purpose: str | None = None,
        text: str | None = None,
        as_inmail: bool = False,
        sending_for: str = "",
    ) -> "Composer":
        """`purpose` and `text` None: those of the draft. `sending_for` empty: the team, for whoever holds a seat."""
        seat = seat_for(member)
        wanted: dict[str, Any] = {"wants_inmail": as_inmail, "sending_for": sending_for}
        draft = draft_for(member, recipient)
        chosen = draft.purpose if purpose is None else purpose
        written = main_part(draft.subject, draft.body) if text is None else text
        return cls(
            member=member,
            recipient=recipient,
            verdict=verdict_for(member, recipient, purpose=chosen, text=written, **wanted, at=at),
            policy=policy_in_force(at),
            draft=draft,
            at=at,
            text=written,
            as_inmail=as_inmail,
            team=seat.team.name if seat else "",
            sending_for=sending_for,
        )

    def facing(self, verdict: Verdict) -> "Composer":
        """The same composer after the answer changed."""
        return replace(self, verdict=verdict)

    def form(self, text: dict[str, str] | None = None) -> ComposeForm:
        """A form to write in, with the draft's text or with another."""
        initial = (text or self._draft_text()) | {"sending_for": self.sending_for}
        return self._form(initial=initial, asks_purpose=self.verdict.asks_purpose)

    def posted(self, data: QueryDict) -> ComposeForm:
        """The form as it was shown: it must answer what it asked for then, whatever holds now."""
        asked_then = shown_quote(data).code not in CONVERSATION_CODES
        asks_purpose = asked_then and (self.verdict.asks_purpose or "purpose" in data)
        form = self._form(data=data, asks_purpose=asks_purpose, asks_subject="subject" in data)
        if "subject" in form.fields:
            # Posted a second time it is no first contact any more, and still the same message.
            form.fields["subject"].required = self.verdict.is_first_contact
        return form

    def takes_whole(self, text: dict[str, str]) -> bool:
        """Whether this text could be sent as it is, but for what stands against writing at all."""
        return self._form(data=text, asks_purpose=self.verdict.asks_purpose).is_valid()

    def context(self, form: ComposeForm) -> dict[str, Any]:
        keeps_text = form.is_bound or bool(form.initial.get("body") or form.initial.get("subject"))
        return {
            **self.strip_context(),
            "form": form,
            "policy": self.policy,
            "as_inmail": self.as_inmail,
            "draft": self.draft if self.draft.pk else None,
            "degree": degrees(self.member, [self.recipient.pk]).get(self.recipient.pk),
            "shows_fields": self.verdict.sends or self.verdict.code in MAY_PASS or keeps_text,
        }

    @property
    def waiting(self) -> Draft | None:
        """A text to the same person that waits for its time or for a moderator."""
        return resting(self.member, self.recipient)

    def notices(self) -> Notices:
        chosen: dict[str, Any] = {"seat": seat_for(self.member), "at": self.at, "policy": self.policy}
        return notices_for(self.member, self.recipient, self.verdict, self.text, **chosen)

    def strip_context(self) -> dict[str, Any]:
        """What the composer's own page shows beside its button, and asks for again while one writes."""
        return {**self.quote_context(), "notices": self.notices(), "in_composer": True}

    def quote_context(self) -> dict[str, Any]:
        lifts = what_writing_changes(self.member, self.recipient) if self.verdict.sends else ""
        if self.verdict.once_passed is not None:
            lifts = _("If it passes: %(price)s") % {"price": self.verdict.once_passed.sentence}
        return {
            "recipient": self.recipient,
            "verdict": self.verdict,
            "quote": Quote.of(self.verdict),
            "lifts": lifts,
            "at": self.at,
        }

    def _form(self, *, asks_purpose: bool, asks_subject: bool = False, **kwargs: Any) -> ComposeForm:
        asks_subject = asks_purpose and (asks_subject or self.verdict.is_first_contact)
        taken = self._takes() if asks_purpose else ""
        team = self.team if asks_purpose or self.verdict.kind == "credit" else ""
        asks = {"asks_purpose": asks_purpose, "asks_subject": asks_subject}
        return ComposeForm(policy=self.policy, takes=taken, team=team, **asks, **kwargs)

    def _takes(self) -> str:
        """ "Mei takes: job offers, press."; empty = anything that is offered here."""
        listed = takes(self.recipient, self.policy)
        values = {"name": first_name(self.recipient.name), "list": listed}
        return _("%(name)s takes: %(list)s.") % values if listed else ""

    def _draft_text(self) -> dict[str, str]:
        return {name: getattr(self.draft, name) for name in TYPED}


def shown_quote(data: QueryDict) -> Quote:
    """What stood beside the button that was pressed."""
    return Quote.from_form({name: str(data.get(name, "")) for name in Quote().as_hidden()})
