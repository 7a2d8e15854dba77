from .credits import credits_page, ledger_csv, statement_page
from .entrance import home
from .plans import ask, cancel, plan, resume, withdraw

__all__ = ["ask", "cancel", "credits_page", "home", "ledger_csv", "plan", "resume", "statement_page", "withdraw"]
