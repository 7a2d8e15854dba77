"""What pages may ask and members may type. Every query parameter goes through one of these forms."""

from messaging.forms.answers import AnswerForm, ChangeForm, StopForm
from messaging.forms.away import AwayForm
from messaging.forms.compose import SEND_KEY, ChannelForm, ChooseForm, ComposeForm, DraftForm, PurposeForm
from messaging.forms.conduct import AppealForm, ReportForm
from messaging.forms.fields import Position, TypedText, asked, position_of, purpose_choices
from messaging.forms.introductions import ForwardForm, IntroduceForm
from messaging.forms.lists import InboxForm, PageForm, PeopleForm, ThroughForm, TogetherForm
from messaging.forms.reach import ReachForm
from messaging.forms.schedule import ScheduleForm, SuggestedForm

__all__ = [
    "SEND_KEY",
    "AnswerForm",
    "AppealForm",
    "AwayForm",
    "ChangeForm",
    "ChannelForm",
    "ChooseForm",
    "ComposeForm",
    "DraftForm",
    "ForwardForm",
    "InboxForm",
    "IntroduceForm",
    "PageForm",
    "PeopleForm",
    "Position",
    "PurposeForm",
    "ReachForm",
    "ReportForm",
    "ScheduleForm",
    "StopForm",
    "SuggestedForm",
    "ThroughForm",
    "TogetherForm",
    "TypedText",
    "asked",
    "position_of",
    "purpose_choices",
]
