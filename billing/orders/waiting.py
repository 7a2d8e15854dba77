"""What was ordered for a plan and not paid yet."""

from datetime import datetime

from accounts.models import Member, Team
from billing.models import Order

from .paying import OPEN


def waiting_plan_order(holder: Member | Team, *, at: datetime) -> Order | None:
    """The newest order of a plan, a change or a further term that may still be paid; packs wait for nobody's plan."""
    whose = {"lines__wallet__team" if isinstance(holder, Team) else "lines__wallet__member": holder}
    open_now = Order.objects.filter(**whose, state__in=OPEN, lapses_at__gt=at).exclude(kind=Order.Kind.PACK)
    return open_now.prefetch_related("lines__plan_version__plan").order_by("-created_at", "-pk").first()
