from .adjustment import Adjustment
from .charge import Charge
from .entry import Entry
from .lot import Lot
from .order import Order, OrderLine, Pack
from .payment import (
    BillCredit,
    Customer,
    Dispute,
    PaymentEvent,
    ProviderPrice,
    Repayment,
    Shortfall,
)
from .plan import Plan, PlanVersion
from .promotion import Promotion, PromotionUse, Referral, ReferralLink
from .reconciliation import Difference, ReconciliationRun
from .subscription import Period, PlanRequest, Subscription
from .wallet import Wallet

__all__ = [
    "Adjustment",
    "BillCredit",
    "Charge",
    "Customer",
    "Difference",
    "Dispute",
    "Entry",
    "Lot",
    "Order",
    "OrderLine",
    "Pack",
    "PaymentEvent",
    "Period",
    "Plan",
    "PlanRequest",
    "PlanVersion",
    "Promotion",
    "PromotionUse",
    "ProviderPrice",
    "ReconciliationRun",
    "Referral",
    "ReferralLink",
    "Repayment",
    "Shortfall",
    "Subscription",
    "Wallet",
]
