"""The signed link of a decision's mail, for whoever cannot sign in any more: to read it and to appeal (domain 8.4)."""

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from messaging.models import Decision

# One purpose: the signature opens one decision. It lasts as long as the appeal, which the page itself judges.
_appealing = Signer(salt="messaging.appeal_links")


def appeal_path(decision: Decision) -> str:
    """The page, open to who is signed out, that shows the decision and takes the appeal."""
    return reverse("messaging:appeal_by_mail", args=[_appealing.sign(decision.public_id)])


def decision_of(token: str) -> Decision | None:
    """The decision that the link shows; None for a token that we did not make."""
    try:
        public_id = _appealing.unsign(token)
    except BadSignature:
        return None
    told = Decision.objects.filter(public_id=public_id, restriction__isnull=False)
    return told.select_related("case__about", "restriction").first()
