from .away import Away
from .conversation import Conversation, Participation
from .draft import Draft
from .introduction import Introduction
from .message import Message, Outreach
from .moderation import Appeal, Case, Decision, Report, TextReading
from .receiving import Reception
from .reminder import Reminder
from .sending_day import SendingDay

__all__ = [
    "Appeal",
    "Away",
    "Case",
    "Conversation",
    "Decision",
    "Draft",
    "Introduction",
    "Message",
    "Outreach",
    "Participation",
    "Reception",
    "Reminder",
    "Report",
    "SendingDay",
    "TextReading",
]
