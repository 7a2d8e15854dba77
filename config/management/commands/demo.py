"""`manage.py demo`: a living community on an empty site, once."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from accounts.clock import now
from accounts.models import Member
from config.demo import people, story

FILES = Path(people.__file__).parent


class Command(BaseCommand):
    help = "Fill an empty site with a demo community: 300 members, plans, conversations in every state."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--i-know", action="store_true", help="also on a site that is not for trying out")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["i_know"]:
            raise CommandError("This site is not for trying out (DEBUG is off). Add --i-know to fill it all the same.")
        if Member.objects.exists():
            raise CommandError("This site has members already. The demo fills an empty site only.")
        connections = str(FILES / "connections.csv")
        call_command("import_members", str(FILES / "members.csv"), connections=connections, stdout=self.stdout)
        self._tell()

    def _tell(self) -> None:
        at = now()
        members, sign_ins = people.cast(now=at)
        story.tell(members, now=at)
        lines = [f"{one.who:28} {one.email:24} {one.password}" for one in sign_ins]
        notes = [one.note for one in sign_ins if one.note]
        path = settings.DATA_DIR / "demo-sign-ins.txt"
        path.touch(mode=0o600)
        path.write_text("\n".join([*lines, *notes, ""]), encoding="utf-8")
        self.stdout.write(f"The demo's sign-ins are in {path.name} in the data folder.")
