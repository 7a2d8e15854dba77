"""How lists of what belongs to a wallet are searched: by a member's address or handle, or a team's name."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

BY_MEMBER = _("The member's exact address, the beginning of the handle, or of the team's name")


class WalletSearch:
    """All of it by indexes or short tables."""

    search_help_text = BY_MEMBER
    wallet_path = ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().replace("\x00", "")
        if not term:
            return queryset, False
        to = f"{self.wallet_path}__" if self.wallet_path else ""
        if "@" in term:
            return queryset.filter(**{f"{to}member__email": term.lower()}), False
        by_handle = Q(**{f"{to}member__handle__startswith": term.lower()})
        return queryset.filter(by_handle | Q(**{f"{to}team__name__istartswith": term})), False


class OfWallet(WalletSearch):
    """Lists of what belongs to a wallet."""

    wallet_path = "wallet"
    search_fields = ("wallet__member__email",)
