"""What happened before you came: told in time order through the verbs that members use."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

from django.db import transaction

from accounts.models import Member, Notice
from billing import adjusting, ledger, refunds
from config.demo import conduct, purse
from messaging import answering, sending, trays, verdicts
from messaging.models import Message, Participation
from messaging.quotes import Quote

# Days ago and the time of that day in UTC; what happened.
Step = tuple[tuple[int, str], Callable[["Story"], None]]


@dataclass
class Story:
    """`people` by first name in small letters; `at` is the instant of the step being told."""

    people: dict[str, Member]
    at: datetime
    last: dict[tuple[str, str], Message] = field(default_factory=dict)

    @property
    def staff(self) -> Member:
        return self.people["rosa"]

    def writes(self, sender: str, recipient: str, body: str, *, subject: str = "", purpose: str = "") -> None:
        author, reader = self.people[sender], self.people[recipient]
        verdict = verdicts.verdict_for(author, reader, purpose=purpose, at=self.at)
        quote = Quote.of(verdict)
        sent = sending.send(
            sender=author,
            recipient=reader,
            subject=subject,
            body=body,
            purpose=purpose,
            send_key=uuid4().hex,
            shown=quote,
            at=self.at,
        )
        self.last[sender, recipient] = sent.message

    def taps(self, member: str, sender: str, answer: str) -> None:
        conversation = self.last[sender, member].conversation
        answering.answer(conversation=conversation, member=self.people[member], answer=answer, at=self.at)

    def returns(self) -> None:
        refunds.return_due(at=self.at + timedelta(minutes=1))

    def pitches(self, sender: str, *recipients: str) -> None:
        """The same words to everybody, ten minutes apart."""
        for recipient in recipients:
            self.writes(sender, recipient, conduct.PITCH, subject="Your pipeline, doubled", purpose="sales")
            self.at += timedelta(minutes=10)

    def reports(self, reporter: str, sender: str, words: str) -> None:
        message = self.last[sender, reporter]
        conduct.report(message, self.people[reporter], words=words, at=self.at)

    def reads(self, member: str) -> None:
        for side in Participation.objects.filter(member=self.people[member]).select_related("conversation"):
            trays.mark_read(conversation=side.conversation, member=self.people[member], at=self.at)


def tell(people: dict[str, Member], *, now: datetime) -> None:
    """Every step at its own instant, the oldest first; nothing is left to announce."""
    story = Story(people=people, at=now)
    for (days_ago, time_of_day), step in STEPS:
        day = now - timedelta(days=days_ago)
        story.at = datetime.combine(day, time.fromisoformat(time_of_day), UTC)
        step(story)
    Message.objects.filter(announced_at=None).update(announced_at=now)
    Notice.objects.all().delete()


def _given(story: Story) -> None:
    with transaction.atomic():
        wallet = ledger.lock_wallet(story.people["karim"], at=story.at)
        reason = "Outage, with our apologies"
        adjusting.propose(wallet=wallet, amount=5, life_days=180, reason=reason, actor=story.staff, at=story.at)


STEPS: tuple[Step, ...] = (
    ((99, "09:00"), lambda s: purse.found_team(s.people, at=s.at)),
    # Nobody answered within 90 days: the credit was used.
    ((95, "14:20"), lambda s: s.writes("karim", "hanna", HANNA, subject="Head of data, Oslo", purpose="job_offer")),
    # A decline brings the credit back, and closes the conversation.
    ((60, "09:40"), lambda s: s.writes("karim", "tom", TOM, subject="Contract backend work", purpose="job_offer")),
    ((58, "07:55"), lambda s: s.taps("tom", "karim", "no_thanks")),
    ((58, "07:56"), Story.returns),
    # An answer in words.
    ((21, "15:10"), lambda s: s.writes("karim", "ada", ADA, subject="Platform lead, payments", purpose="job_offer")),
    ((18, "10:42"), lambda s: s.writes("ada", "karim", "Happy to talk. Does Thursday after 15:00 work for you?")),
    ((18, "10:43"), Story.returns),
    ((18, "11:05"), lambda s: s.writes("karim", "ada", "Thursday at 15:30 it is. I will send the brief before.")),
    ((15, "09:00"), _given),
    ((14, "15:20"), lambda s: purse.buy_pack(s.people["karim"], s.staff, at=s.at)),
    ((12, "18:05"), lambda s: purse.give_code(s.people["priya"], s.staff, at=s.at)),
    # The same to everybody: reported, warned of, appealed against, and reported again.
    ((11, "08:00"), lambda s: s.pitches("viktor", "hanna", "tom", "yusuf", "luis")),
    ((11, "19:20"), lambda s: s.reports("tom", "viktor", "He sent this to half of my former team.")),
    ((10, "09:30"), lambda s: conduct.warn(s.people["viktor"], s.people["jo"], at=s.at)),
    # Old enough for a follow-up.
    ((10, "16:03"), lambda s: s.writes("karim", "sofia", SOFIA, subject="Intro to your CTO", purpose="partnership")),
    ((6, "12:31"), lambda s: s.writes("yusuf", "karim", YUSUF, subject="Two roles in Istanbul", purpose="job_offer")),
    ((5, "07:00"), lambda s: conduct.go_away(s.people["luis"], at=s.at)),
    ((4, "09:00"), lambda s: s.pitches("viktor", "jonas", "elena")),
    ((4, "18:00"), lambda s: s.reports("jonas", "viktor", "Nothing about us in it.")),
    # Too early for a follow-up.
    ((3, "08:44"), lambda s: s.writes("karim", "luis", LUIS, subject="On-call without the pain", purpose="job_offer")),
    ((3, "10:15"), lambda s: s.writes("karim", "priya", "Lunch next week? I owe you one for the introduction to Mei.")),
    ((3, "12:02"), lambda s: s.writes("priya", "karim", "Sounds great, see you Tuesday.")),
    # An Open Profile costs nothing.
    ((2, "09:27"), lambda s: s.writes("karim", "amara", AMARA, subject="Licence question", purpose="advice")),
    ((2, "11:00"), lambda s: conduct.introduce(s.people["sam"], s.people["priya"], s.people["mei"], at=s.at)),
    ((2, "13:50"), lambda s: s.writes("karim", "jonas", JONAS, subject="Staff engineer, Berlin", purpose="job_offer")),
    ((2, "15:35"), lambda s: s.writes("elena", "mei", ELENA, subject="An interview about tokens", purpose="press")),
    ((2, "16:12"), lambda s: s.writes("owen", "karim", OWEN, subject="Twenty minutes next week", purpose="sales")),
    ((2, "17:00"), lambda s: s.reads("karim")),
    ((1, "08:30"), lambda s: purse.offer_seat(s.people, at=s.at)),
    ((1, "08:50"), lambda s: purse.propose(s.people["priya"], s.staff, at=s.at)),
    ((1, "09:15"), lambda s: s.taps("jonas", "karim", "interested")),
    ((1, "09:16"), Story.returns),
    ((1, "10:30"), lambda s: conduct.schedule(s.people["karim"], s.people["grace"], at=s.at)),
)

HANNA = "Hello Hanna,\n\nwe met at the data meet-up in spring. We look for a head of data in Oslo. Shall we talk?"
TOM = "Hi Tom,\n\nI have a three-month project on settlement files, remote. Would that interest you?"
ADA = (
    "Hi Ada,\n\nI read your write-up on moving settlement off cron. We rebuild the same thing for 40 markets and "
    "need someone who has done it once already.\n\nWould you be open to a 20-minute call next week?"
)
SOFIA = "Hi Sofia,\n\nour teams solve the same problem from two ends. Who on your side should I talk to?"
YUSUF = "Hello Karim,\n\ntwo of your former engineers named you as the person to ask. May I send two role briefs?"
LUIS = "Hola Luis,\n\nyour talk on quiet pagers is passed around here. We have a small SRE team to build. Curious?"
AMARA = "Hi Amara,\n\na quick one: does a sandbox licence cover pilot payouts in Senegal?"
JONAS = "Hi Jonas,\n\nElbe's ledger work is close to ours. We have a staff role in Berlin. Would you look at it?"
ELENA = "Hi Mei,\n\nI write about how design teams are staffed. Could I ask you three questions by phone?"
OWEN = "Hi Karim,\n\nwe help talent teams answer faster. Could I show you how, in twenty minutes?"
