"""Each minute: what waits for the gateway and no hint has done."""

from datetime import datetime

from billing.payments import GatewayAway, gateway

from . import events, following, renewing


def work_off(*, at: datetime) -> str:
    """Events, orders, repayments, wishes about subscriptions; answers in words what was done."""
    try:
        return _work_off(at)
    except GatewayAway:
        return "the gateway does not answer"


def _work_off(at: datetime) -> str:
    seen = following.look_at_open(at=at)
    asked = gateway()
    if asked is None:
        return f"{seen} orders"
    handled = events.handle_waiting(at=at)
    repaid, told = following.repay_waiting(at=at), renewing.tell(asked)
    return f"{seen} orders, {handled} events, {repaid} repayments, {told} subscriptions"
