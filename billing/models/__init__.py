from .adjustment import Adjustment
from .charge import Charge
from .entry import Entry
from .lot import Lot
from .plan import Plan, PlanVersion
from .subscription import Period, PlanRequest, Subscription
from .wallet import Wallet

__all__ = [
    "Adjustment",
    "Charge",
    "Entry",
    "Lot",
    "Period",
    "Plan",
    "PlanRequest",
    "PlanVersion",
    "Subscription",
    "Wallet",
]
