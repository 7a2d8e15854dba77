from .job import FailedJob, JobRun
from .member import Member, Profile, Reach
from .notice import Notice
from .page_notice import NoticeChoice, NoticeKind, PageNotice
from .policy_version import PolicyVersion
from .purpose import Purpose, RefusedPurpose
from .relation import Block, Connection, Invitation, StopRequest
from .restriction import Restriction, Rule, Step
from .team import Seat, SeatInvitation, SeatMove, Team, TeamAdmin

__all__ = [
    "Block",
    "Connection",
    "FailedJob",
    "Invitation",
    "JobRun",
    "Member",
    "Notice",
    "NoticeChoice",
    "NoticeKind",
    "PageNotice",
    "PolicyVersion",
    "Profile",
    "Purpose",
    "Reach",
    "RefusedPurpose",
    "Restriction",
    "Rule",
    "Seat",
    "SeatInvitation",
    "SeatMove",
    "Step",
    "StopRequest",
    "Team",
    "TeamAdmin",
]
