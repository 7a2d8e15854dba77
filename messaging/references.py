"""What a charge was for, told to billing, which knows only an opaque reference: the public id of a message."""

from collections.abc import Mapping, Sequence

from billing.references import Meaning
from messaging.models import Message


def describe(references: Sequence[str]) -> Mapping[str, Meaning]:
    """Whom each message went to, and its conversation; those that are no message are left out. One query."""
    messages = Message.objects.filter(public_id__in=references).select_related("recipient", "conversation")
    return {
        message.public_id: Meaning(message.recipient.name, message.conversation.get_absolute_url())
        for message in messages
    }
