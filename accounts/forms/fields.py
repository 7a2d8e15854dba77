"""Fields for text that members type: cleaned by the one door, measured in code points, never cut by the browser."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.look_alikes import speaks_for_the_site
from accounts.text import clean_block, clean_line, clean_name


class _TypedField(forms.CharField):
    """Without the `maxlength` attribute, by which browsers cut what is pasted, and count otherwise."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attributes = super().widget_attrs(widget)
        attributes.pop("maxlength", None)
        return attributes


class LineField(_TypedField):
    """One line."""

    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value) or "")


class NameField(_TypedField):
    """What a person is called, by their own word: nothing that passes for the site or its staff."""

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        name = clean_name(typed) if typed else ""
        if speaks_for_the_site(name):
            raise ValidationError(_("This name is kept for the site and its staff."))
        return name


class BlockField(_TypedField):
    """Several lines."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return clean_block(super().to_python(value) or "")


class InstantField(forms.DateTimeField):
    """A day and a time in the reader's own zone, chosen in the browser's own control."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"help_text": _("In your own time zone."), **kwargs})
