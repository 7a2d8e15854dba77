"""`python -m config.tryout`: make the data folder of a site to try out, with DEBUG on and a secret of its own.

bin/run calls it. A site whose environment names a SECRET_KEY is left alone: that one is meant for others.
"""

import os
import secrets
import sys
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent


def main() -> None:
    environ.Env.read_env(BASE_DIR / ".env")
    if {"SECRET_KEY", "SECRET_KEY_FILE"} & os.environ.keys():
        return
    folder = Path(os.environ.get("DATA_DIR") or BASE_DIR / "data").resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_once(folder / "development.env")
    except OSError as error:
        sys.exit(f"The data folder {folder} cannot be written: {error.strerror}. Set DATA_DIR to another one.")


def _write_once(path: Path) -> None:
    if path.exists() and path.stat().st_size:
        return
    lines = [
        "# Made by bin/run: this folder belongs to a site for trying out. The environment and .env win.",
        "DEBUG=true",
        f"SECRET_KEY={secrets.token_urlsafe(48)}",
        "PAYMENT_PROVIDER=manual",
        "INVOICE_SELLER=The Harbour Society (a demo)\\nQuay 1\\n20457 Hamburg",
        "INVOICE_BANK_DETAILS=No bank: a demo. Rosa, of the staff, marks invoices as paid.",
    ]
    path.touch(mode=0o600)
    path.write_text("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
