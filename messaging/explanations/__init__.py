"""What each verdict means, in the words of the policy in force (the pages /help/why/<code>/)."""

from accounts.site_policy import SitePolicy
from messaging.explanations.explanation import Explanation
from messaging.explanations.free import FREE
from messaging.explanations.not_at_all import NOT_AT_ALL
from messaging.explanations.not_now import NOT_NOW

__all__ = ["Explanation", "explain"]


def explain(code: str, policy: SitePolicy) -> Explanation | None:
    """The help of one verdict's code; None for a code that no verdict here has."""
    explained = FREE.get(code) or NOT_NOW.get(code) or NOT_AT_ALL.get(code)
    return explained(policy) if explained else None
