from .conversation import Conversation, Participation
from .draft import Draft
from .message import Message, Outreach
from .sending_day import SendingDay

__all__ = ["Conversation", "Draft", "Message", "Outreach", "Participation", "SendingDay"]
