"""Why a verb of connections wrote nothing."""


class InvitationRefused(Exception):
    """Nothing was written; the text is a sentence for the member who asked."""


class YouBlocked(InvitationRefused):
    """The sender blocked the recipient, or invites themselves."""


class InvitationForbidden(InvitationRefused):
    """A decision limits the sender: nobody new until its end (domain 8.4)."""


class AlreadyConnected(InvitationRefused):
    """There is nothing to invite to."""


class InvitationRests(InvitationRefused):
    """An invitation to the same member was withdrawn less than 21 days ago."""


class WeeklyLimit(InvitationRefused):
    """As many invitations in seven days as the policy in force allows."""


class TooFar(InvitationRefused):
    """Further than the policy in force lets members invite."""


class ListFull(InvitationRefused):
    """One of the two has as many connections as the policy in force allows."""


class InvitationGone(InvitationRefused):
    """It was withdrawn or decided meanwhile, or never was this member's."""
