"""`manage.py confirm_clock_gap`: the clock is right, let the sweeps go on."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.clock import now
from billing import clock_guard


class Command(BaseCommand):
    help = "Confirm that the server's clock is right after a long pause or a correction; waiting sweeps then go on."

    def handle(self, **options: Any) -> None:
        at = now()
        clock_guard.confirm(at=at)
        self.stdout.write(self.style.SUCCESS(f"Confirmed: it is {at:%Y-%m-%d %H:%M:%S} UTC. Sweeps go on."))
