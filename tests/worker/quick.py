"""The product's tasks every second, for tests that cannot wait a minute: `celery -A tests.worker.quick`."""

from datetime import timedelta

from config.celery import TIMETABLE, app

SECOND = timedelta(seconds=1)
app.conf.beat_schedule = {
    name: {**entry, "schedule": SECOND, "options": {}}
    for name, entry in TIMETABLE.items()
    if isinstance(entry["schedule"], timedelta)
}
