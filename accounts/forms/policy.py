"""The site's settings as a form, made from the one table that knows their ranges."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import InstantField, LineField
from accounts.models import Purpose
from accounts.policy_settings import DEFAULTS, GROUPS, SETTINGS, differences, faults
from accounts.setting import COST, Setting
from accounts.site_policy import SitePolicy

COSTS = "inmail_cost_by_purpose"


class SettingsForm(forms.Form):
    """Every setting, when it begins and why. Empty = none, where a setting may have no limit."""

    in_force_from = InstantField(label=_("In force from"))
    note = LineField(label=_("Why"), max_length=200)

    def __init__(self, *args: Any, policy: SitePolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for setting in SETTINGS.values():
            self.fields |= _fields(setting, getattr(policy, setting.name))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            for name, fault in faults(self.settings).items():
                self.add_error(name, fault)
        return cleaned

    @property
    def settings(self) -> dict[str, Any]:
        """What a version stores of the choices made: only what differs from the defaults."""
        return differences({name: self._chosen(setting) for name, setting in SETTINGS.items()})

    def groups(self) -> Iterator[tuple[str | Promise, list[forms.BoundField]]]:
        """The settings under their headings, in order."""
        for title, settings in GROUPS:
            yield title, [self[name] for setting in settings for name in _fields(setting, DEFAULTS[setting.name])]

    def _chosen(self, setting: Setting) -> Any:
        if setting.kind == "costs":
            costs = {purpose: self.cleaned_data.get(f"cost_{purpose}") for purpose in Purpose.values}
            return {purpose: cost for purpose, cost in costs.items() if cost is not None}
        value = self.cleaned_data.get(setting.name)
        if setting.kind == "set":
            return tuple(item for item in setting.words or {} if item in (value or ()))
        return value


def _fields(setting: Setting, value: Any) -> Mapping[str, forms.Field]:
    if setting.kind == "costs":
        return {f"cost_{purpose}": _cost_field(purpose, value) for purpose in Purpose.values}
    return {setting.name: _field(setting, value)}


def _field(setting: Setting, value: Any) -> forms.Field:
    shared: dict[str, Any] = {"label": setting.label, "initial": value}
    if setting.kind == "switch":
        return forms.BooleanField(required=False, **shared)
    if setting.kind == "choice":
        return forms.ChoiceField(choices=list((setting.words or {}).items()), **shared)
    if setting.kind == "set":
        choices = [(item, capfirst(str(words))) for item, words in (setting.words or {}).items()]
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **shared)
    bounds: dict[str, Any] = {"min_value": setting.least, "max_value": setting.most, "help_text": setting.range_words}
    return forms.IntegerField(required=not setting.may_be_none, **bounds, **shared)


def _cost_field(purpose: str, costs: Mapping[str, int]) -> forms.Field:
    label = _("Credits for %(purpose)s") % {"purpose": Purpose(purpose).label}
    return forms.IntegerField(
        label=label, required=False, min_value=COST[0], max_value=COST[-1], initial=costs.get(purpose)
    )
