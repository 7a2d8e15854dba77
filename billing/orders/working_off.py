"""Each minute: what waits for the gateway and no hint has done."""

from datetime import datetime

from billing.payments import GatewayAway, gateway

from . import events, following, renewing


def work_off(*, at: datetime) -> str:
    """Events, orders, repayments, wishes about subscriptions; answers in words what was done."""
    seen = following.look_at_open(at=at)
    asked = gateway()
    if asked is None:
        return f"{seen} orders"
    try:
        handled = events.handle_waiting(at=at)
        repaid, told = following.repay_waiting(at=at), renewing.tell(asked)
    except GatewayAway:
        return f"{seen} orders; the gateway does not answer"
    return f"{seen} orders, {handled} events, {repaid} repayments, {told} subscriptions"
