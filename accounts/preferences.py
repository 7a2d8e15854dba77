"""How Postern treats its member: which mail it sends, whether keys act. (The theme is a cookie of the browser.)"""

from accounts.models import Member, Reach


def save_message_mail(*, member: Member, wanted: bool) -> None:
    """Whether mail tells of new messages. Mails that wait in the outbox obey it too."""
    Reach.objects.filter(member=member).update(wants_message_mail=wanted)


def save_shortcuts(*, member: Member, used: bool) -> None:
    """Whether single keys act in lists and conversations."""
    Reach.objects.filter(member=member).update(uses_shortcuts=used)
