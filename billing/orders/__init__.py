"""What members buy. Verbs: order, pay, give up, pay back; the network is asked by the worker alone (`following`)."""

from .paying import OPEN, PAID, lapse, mark_paid, paid, visible_to
from .placing import order_pack, order_plan, order_upgrade
from .refusals import NotForSale, OrderRefused, TooLate
from .repaying import ask_repayment, repayable
from .waiting import waiting_plan_order

__all__ = [
    "OPEN",
    "PAID",
    "NotForSale",
    "OrderRefused",
    "TooLate",
    "ask_repayment",
    "lapse",
    "mark_paid",
    "order_pack",
    "order_plan",
    "order_upgrade",
    "paid",
    "repayable",
    "visible_to",
    "waiting_plan_order",
]
