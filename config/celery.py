"""The Celery app and its timetable.

The database alone knows what is due; every entry below is a sweep over that. A sweep that runs twice, late, or in
two workers changes nothing but the moment at which its work is done.
"""

import os
import signal
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, worker_process_init

from config.devstack import dies_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TIMETABLE: dict[str, dict[str, Any]] = {
    # Proves that scheduler, broker and worker are alive: /readyz calls three minutes of silence late.
    "heartbeat": {"task": "accounts.tasks.heartbeat", "schedule": timedelta(seconds=60)},
    # Undo ends 15 s after Send: a notice whose hint was lost is at most 15 s late.
    "announce-delivered": {"task": "messaging.tasks.announce_delivered", "schedule": timedelta(seconds=15)},
    # What was scheduled goes at most a minute late when its hint was lost, and so does what a moderator let pass.
    "send-due-messages": {"task": "messaging.tasks.send_due", "schedule": timedelta(seconds=60)},
    # A reminder names a day: five minutes are nothing to it.
    "tell-of-reminders": {"task": "messaging.tasks.tell_of_reminders", "schedule": timedelta(seconds=300)},
    # The daily list of requests leaves from eight in the morning of the member's day on.
    "tell-of-requests": {"task": "messaging.tasks.tell_of_requests", "schedule": timedelta(seconds=900)},
    # Three days after an InMail: the hour matters to nobody.
    "remind-recipients": {"task": "messaging.tasks.remind_recipients", "schedule": timedelta(seconds=900)},
    # A credit is back within 60 s of the answer becoming final, even when its hint was lost.
    "refund-answered-charges": {"task": "billing.tasks.refund_answered_charges", "schedule": timedelta(seconds=60)},
    # Members' own operations renew their wallet at once; this does it for those who are away.
    "renew-due-allotments": {"task": "billing.tasks.renew_due_allotments", "schedule": timedelta(seconds=60)},
    # An expired lot is unspendable without this, which only writes the entry; five minutes keep journals fresh.
    "expire-lots": {"task": "billing.tasks.expire_lots", "schedule": timedelta(seconds=300)},
    # A payment hints at the bonus it earned; this finds what no hint said.
    "give-referral-bonuses": {"task": "billing.tasks.give_referral_bonuses", "schedule": timedelta(seconds=300)},
    # A gift to everybody is no hurry: two thousand members a run.
    "give-campaigns": {"task": "billing.tasks.give_campaigns", "schedule": timedelta(seconds=300)},
    # A proposal that nobody approved in 72 hours can no longer be approved; this writes it down.
    "lapse-adjustments": {"task": "billing.tasks.lapse_adjustments", "schedule": timedelta(hours=1)},
    # News of credits that came, went or came back: two minutes late is early.
    "tell-of-credits": {"task": "billing.tasks.tell_of_credits", "schedule": timedelta(seconds=120)},
    # Told from eight in the morning of the member's day on: somewhere it is eight each quarter of an hour.
    "tell-of-ends": {"task": "billing.tasks.tell_of_ends", "schedule": timedelta(seconds=900)},
    # Judged on two weeks of messages: once a day is often enough, at night.
    "assess-conduct": {"task": "messaging.tasks.assess_conduct", "schedule": crontab(hour="2", minute="40")},
    # Alarms for moderators, who look at them by day; it reads a month of outreach.
    "look-for-signals": {"task": "messaging.tasks.look_for_signals", "schedule": crontab(minute="50")},
    # Mail may wait a minute: it is never behind money, nor before it.
    "send-due-notices": {"task": "accounts.tasks.send_due_notices", "schedule": timedelta(seconds=60)},
    # Orders and events whose hint was lost, pay pages nobody used, money to send back. Silent without a gateway.
    "gateway-work-off": {"task": "billing.tasks.gateway_work_off", "schedule": timedelta(seconds=60)},
    # What the gateway holds against what we granted: an event that never came costs an hour at most.
    "reconcile-payments": {"task": "billing.tasks.gateway_reconcile", "schedule": crontab(minute="25")},
    # Invoices go out a week ahead: the hour of day matters to nobody.
    "invoice-next-terms": {"task": "billing.tasks.invoice_next_terms", "schedule": crontab(minute="40")},
    # Reads the whole journal: at night, and not on the hour, when everybody's jobs run.
    "verify-ledger": {"task": "billing.tasks.verify_ledger", "schedule": crontab(hour="3", minute="10")},
    # Sessions live two weeks; a day more or less of dead rows costs nothing.
    "clear-sessions": {"task": "accounts.tasks.clear_sessions", "schedule": crontab(hour="4", minute="20")},
}
# A sweep that nobody took before the next one is due is worth nothing: the next finds the same work.
for entry in TIMETABLE.values():
    period = entry["schedule"]
    entry["options"] = {"expires": period.total_seconds() if isinstance(period, timedelta) else 3600}

app = Celery("postern")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = TIMETABLE
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**_facts: Any) -> None:
    """Django's settings have configured the logs; Celery leaves them alone when this signal has a receiver."""


@worker_process_init.connect
def _leave_no_orphan(**_facts: Any) -> None:
    """A pool process ends with the worker that forked it, also when that one was killed."""
    dies_with_parent(signal.SIGKILL, parent=os.getppid())()
