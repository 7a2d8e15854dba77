#!/usr/bin/env python
"""Postern's command line: `manage.py up` runs everything, `manage.py help` lists the rest."""

import os
import sys

OURS = {"accounts", "billing", "config", "messaging"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package in OURS:
            raise
        sys.exit(f"The package {package} is missing here: bin/run installs what Postern needs, with {sys.executable}.")


if __name__ == "__main__":
    main()
