"""Why a verb of conduct wrote nothing; the text is a sentence for whoever asked."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ConductRefused(Exception):
    """Nothing was written."""

    sentence: str | Promise = ""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or str(self.sentence))


class OwnMatter(ConductRefused):
    """The moderator is the one it is about, or reported it."""

    sentence = _("This is about you, or you reported it: somebody else decides.")


class AlreadyDecided(ConductRefused):
    """Somebody was quicker."""

    sentence = _("This is decided already.")


class WaitsForSecond(ConductRefused):
    """A closing was proposed, and a second moderator has not said yes or no yet."""

    sentence = _("Closing the account was proposed. A second moderator confirms or refuses it first.")


class SamePerson(ConductRefused):
    """Whoever decided first cannot be the second."""

    sentence = _("You decided this first: somebody else has the second word.")


class StepTooHigh(ConductRefused):
    """It skips steps without fraud or threats, or a rule would go further than rules may."""


class FactsMissing(ConductRefused):
    """The member would not learn what they did, or against which rule."""

    sentence = _("Name the rule, and tell the member the facts in at least 40 characters.")


class NoteMissing(ConductRefused):
    """Skipping steps asks for a note to those who look at it later."""

    sentence = _("Write in the note which fraud or threat makes you skip steps.")


class ReasonsMissing(ConductRefused):
    sentence = _("Give the member your reasons in at least 40 characters.")


class TooLateToAppeal(ConductRefused):
    sentence = _("The six months for an appeal are over.")


class NothingToAppeal(ConductRefused):
    """No decision that limits this member, or none that stands."""

    sentence = _("There is nothing to appeal against.")
