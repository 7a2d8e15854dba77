"""What pages may ask and members may type. Every query parameter goes through one of these forms."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Member, Purpose, Reach
from accounts.site_policy import SitePolicy
from accounts.text import clean_block, clean_line, is_blank
from messaging.models import Message
from messaging.sending_for import SELF, TEAM
from messaging.verdict import REASON_LEAST, REASON_MOST

EPOCH = datetime.fromtimestamp(0, UTC)
MICROSECOND = timedelta(microseconds=1)
SEND_KEY = re.compile(r"[A-Za-z0-9_-]{8,40}")


def asked(form: forms.Form) -> dict[str, Any]:
    """The cleaned query of a page. What no page of ours sends is refused with 400."""
    if not form.is_valid():
        raise BadRequest("The address holds a parameter that this page does not know.")
    return form.cleaned_data


class TypedText(forms.CharField):
    """A member's text: cleaned by accounts.text, counted in code points, refused but never cut."""

    def __init__(
        self, *, most: int, least: int = 0, most_bytes: int | None = None, single_line: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(strip=False, **kwargs)
        self.most, self.least, self.most_bytes, self.single_line = most, least, most_bytes, single_line

    def clean(self, value: Any) -> str:
        typed = self.to_python(value) or ""
        text = clean_line(typed) if self.single_line else clean_block(typed)
        if is_blank(text):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return ""
        self._refuse_excess(text)
        if len(text) < self.least:
            words = ngettext("Write at least %(least)s character.", "Write at least %(least)s characters.", self.least)
            raise ValidationError(words, params={"least": self.least}, code="too_short")
        return text

    def _refuse_excess(self, text: str) -> None:
        over = len(text) - self.most
        if over > 0:
            words = ngettext("%(over)s too many. Nothing was cut.", "%(over)s too many. Nothing was cut.", over)
            raise ValidationError(words, params={"over": over}, code="too_long")
        if self.most_bytes is not None and len(text.encode()) > self.most_bytes:
            raise ValidationError(_("This text needs too much room. Nothing was cut."), code="too_long")


class ComposeForm(forms.Form):
    """One message as typed. Outreach asks for a purpose, the first of a pair also for a subject.

    Whoever holds a seat of `team` is asked for whom it is sent.
    """

    use_required_attribute = False

    purpose = forms.ChoiceField(
        label=gettext_lazy("Purpose"),
        error_messages={
            "required": gettext_lazy("Choose a purpose."),
            "invalid_choice": gettext_lazy("Choose a purpose."),
        },
    )

    def __init__(
        self,
        *args: Any,
        policy: SitePolicy,
        asks_purpose: bool,
        asks_subject: bool,
        takes: str = "",
        team: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if team:
            choices = [(TEAM, team), (SELF, _("Yourself"))]
            self.fields["sending_for"] = forms.ChoiceField(label=_("Sending for"), choices=choices, required=False)
        if asks_purpose:
            self.fields["purpose"].choices = purpose_choices(policy)  # type: ignore[attr-defined]
            self.fields["purpose"].help_text = takes
            if policy.context_required:
                self.fields["reason"] = reason_field()
        else:
            del self.fields["purpose"]
        if asks_subject:
            self.fields["subject"] = TypedText(
                label=_("Subject"),
                most=policy.subject_max,
                single_line=True,
                help_text=_("A first message needs one"),
                error_messages={"required": _("A first message needs a subject.")},
            )
        self.fields["body"] = TypedText(
            label=_("Message"),
            most=policy.body_max,
            most_bytes=policy.body_max_bytes,
            widget=forms.Textarea(attrs={"rows": 8}),
            error_messages={"required": _("Write a message.")},
        )
        self.fields["send_key"] = forms.RegexField(SEND_KEY, widget=forms.HiddenInput, max_length=40)


def reason_field() -> TypedText:
    """One line that says why: the recipient reads it before the message (domain 4.1, `context_required`)."""
    return TypedText(
        label=_("Reason"),
        most=REASON_MOST,
        least=REASON_LEAST,
        single_line=True,
        help_text=_("Why you write to this person. They read it first."),
        error_messages={"required": _("Say why you write to this person.")},
    )


class DraftForm(forms.Form):
    """Text to keep as it is, too long or not; only what no database can store is refused."""

    purpose = forms.ChoiceField(choices=Purpose, required=False)
    reason = TypedText(most=20_000, required=False)
    subject = TypedText(most=20_000, required=False)
    body = TypedText(most=60_000, required=False)
    send_key = forms.RegexField(SEND_KEY)


class StopForm(forms.Form):
    """Words that may go with an answer."""

    def __init__(self, *args: Any, policy: SitePolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy = policy
        self.fields["body"] = TypedText(
            label=_("A few words with your answer"),
            most=policy.body_max,
            most_bytes=policy.body_max_bytes,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
        )


class ChangeForm(forms.Form):
    """Another one-tap answer."""

    use_required_attribute = False

    answer = forms.ChoiceField(label=gettext_lazy("Your answer"), choices=Message.Answer, widget=forms.RadioSelect)


class AnswerForm(ChangeForm, StopForm):
    """One tap, which may carry words."""


class Position(forms.CharField):
    """The place of a keyset page: an instant in microseconds and an id, as `position_of` writes it."""

    pattern = re.compile(r"(\d{1,17})-(\d{1,18})")

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(required=required)

    def clean(self, value: Any) -> tuple[datetime, int] | None:
        text = super().clean(value)
        if not text:
            return None
        match = self.pattern.fullmatch(text)
        if match is None:
            raise ValidationError("not a position", code="invalid")
        try:
            instant = EPOCH + int(match[1]) * MICROSECOND
        except OverflowError as error:
            raise ValidationError("not a position", code="invalid") from error
        return instant, int(match[2])


def position_of(instant: datetime, row_id: int) -> str:
    """What `Position` reads back."""
    return f"{(instant - EPOCH) // MICROSECOND}-{row_id}"


class PageForm(forms.Form):
    """A list's page: everything older than `before`."""

    before = Position()


class InboxForm(PageForm):
    view = forms.ChoiceField(choices=[("unread", ""), ("inmail", "")], required=False)


class ThroughForm(forms.Form):
    """Up to where a conversation was seen."""

    through = Position(required=True)


class ChannelForm(forms.Form):
    """To a connection: an InMail instead of a free message, where the site offers it; and for whom it is sent."""

    channel = forms.ChoiceField(choices=[("inmail", "")], required=False)
    sending_for = forms.ChoiceField(choices=[(TEAM, ""), (SELF, "")], required=False)


class PurposeForm(ChannelForm):
    """What the price is asked for."""

    purpose = forms.ChoiceField(choices=Purpose, required=False)


class ChooseForm(forms.Form):
    q = TypedText(most=100, single_line=True, required=False)


class PeopleForm(forms.Form):
    """The directory's filters; `after` and `before` are handles at a page's edge."""

    use_required_attribute = False

    q = TypedText(label=gettext_lazy("Name or words"), most=100, single_line=True, required=False)
    company = TypedText(label=gettext_lazy("Company"), most=100, single_line=True, required=False)
    place = TypedText(label=gettext_lazy("Place"), most=100, single_line=True, required=False)
    purpose = forms.ChoiceField(label=gettext_lazy("Takes"), required=False)
    degree = forms.TypedChoiceField(
        label=gettext_lazy("Degree"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", gettext_lazy("Any")),
            (1, gettext_lazy("1st")),
            (2, gettext_lazy("2nd")),
            (3, gettext_lazy("3rd")),
        ],
    )
    open_profile = forms.BooleanField(label=gettext_lazy("Open Profile"), required=False)
    after = forms.SlugField(required=False, max_length=40)
    before = forms.SlugField(required=False, max_length=40)

    def __init__(self, *args: Any, policy: SitePolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = purpose_choices(policy, empty=_("Any purpose"))  # type: ignore[attr-defined]


class ReachForm(forms.Form):
    """Who may write first, about what, and where it waits."""

    use_required_attribute = False

    who = forms.ChoiceField(label=gettext_lazy("Who may write first"), widget=forms.RadioSelect)
    purposes_taken = forms.MultipleChoiceField(
        label=gettext_lazy("Write to me about"), widget=forms.CheckboxSelectMultiple, required=False
    )
    first_contacts_land = forms.ChoiceField(
        label=gettext_lazy("Where they wait"), choices=Reach.Tray, widget=forms.RadioSelect
    )
    wants_open_profile = forms.TypedChoiceField(
        label=gettext_lazy("Open Profile"),
        choices=[("off", gettext_lazy("Off")), ("on", gettext_lazy("On"))],
        coerce=lambda choice: choice == "on",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, policy: SitePolicy, allows_open_profile: bool, held: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [choice for choice in Reach.Who.choices if choice[0] in policy.reach_choices or choice[0] == held]
        self.fields["who"].choices = offered  # type: ignore[attr-defined]
        self.fields["purposes_taken"].choices = [  # type: ignore[attr-defined]
            (value, capfirst(label)) for value, label in Purpose.choices if value in policy.purposes
        ]
        if not allows_open_profile:
            del self.fields["wants_open_profile"]

    @classmethod
    def initial_of(cls, member: Member, refused: set[str]) -> dict[str, Any]:
        return {
            "who": member.reach.who,
            "purposes_taken": [value for value in Purpose.values if value not in refused],
            "first_contacts_land": member.reach.first_contacts_land,
            "wants_open_profile": "on" if member.reach.wants_open_profile else "off",
        }


def purpose_choices(policy: SitePolicy, *, empty: str = "") -> list[tuple[str, str]]:
    """The purposes offered here, behind a line that chooses none."""
    offered = [(value, capfirst(label)) for value, label in Purpose.choices if value in policy.purposes]
    return [("", empty or _("Choose a purpose")), *((value, str(label)) for value, label in offered)]
