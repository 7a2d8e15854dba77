"""The fields that several forms share, and the one way to read a query."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Purpose
from accounts.site_policy import SitePolicy
from accounts.text import clean_block, clean_line, is_blank

EPOCH = datetime.fromtimestamp(0, UTC)
MICROSECOND = timedelta(microseconds=1)


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


def purpose_choices(policy: SitePolicy, *, empty: str = "") -> list[tuple[str, str]]:
    """The purposes offered here, behind a line that chooses none."""
    offered = [(value, capfirst(label)) for value, label in Purpose.choices if value in policy.purposes]
    return [("", empty or _("Choose a purpose")), *((value, str(label)) for value, label in offered)]
