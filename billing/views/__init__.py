from .credits import credits_page, ledger_csv, statement_page
from .entrance import home
from .plans import cancel, plan, resume

__all__ = ["cancel", "credits_page", "home", "ledger_csv", "plan", "resume", "statement_page"]
