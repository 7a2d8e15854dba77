"""What a check of the ledger found, kept as rows: the console leads from the run to each difference."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from billing.audit.breach import Breach
from billing.models import Difference, ReconciliationRun

# A ledger that is wrong everywhere is not made clearer by more.
DIFFERENCES_KEPT = 1_000


def begin(*, at: datetime) -> ReconciliationRun:
    """A run of the ledger's books; without `finished_at` it goes on, or was killed."""
    return ReconciliationRun.objects.create(kind=ReconciliationRun.Kind.LEDGER, started_at=at)


def note(run: ReconciliationRun, breaches: Iterable[Breach], *, seen: int) -> None:
    """So many wallets more were looked at, and this was found in them."""
    ReconciliationRun.objects.filter(pk=run.pk).update(seen=F("seen") + seen)
    room = max(DIFFERENCES_KEPT - run.differences.count(), 0)
    Difference.objects.bulk_create(
        Difference(run=run, rule=breach.rule, wallet_id=breach.wallet_id, sentence=breach.sentence[:500])
        for breach in list(breaches)[:room]
    )


def finish(run: ReconciliationRun, *, at: datetime) -> None:
    """Everything was looked at."""
    ReconciliationRun.objects.filter(pk=run.pk).update(finished_at=at)
