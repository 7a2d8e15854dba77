"""What a provider of payment is to the rest of billing: a way to begin an order, and, if it is a gateway, somebody to
ask over the network. Only the worker asks; what it answers are the records below, never the provider's own objects.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from billing.models import Order, Repayment, Subscription, Wallet


class GatewayAway(Exception):
    """It does not answer, or not now. Nothing is known; the sweep asks again."""


class GatewayRefused(Exception):
    """It answered no; asking the same again gives the same. The text is its own sentence."""


class CardRefused(GatewayRefused):
    """The card on file was not charged: declined, or its bank wants the cardholder. On a page of the gateway's the
    holder can do what we cannot.
    """

    def __init__(self, sentence: str, *, asks_for_holder: bool) -> None:
        super().__init__(sentence)
        self.asks_for_holder = asks_for_holder


class Stage(StrEnum):
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    LAPSED = "lapsed"


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """Where the buyer pays; no `url` where the gateway takes the money by itself. `refusal` says why it did not."""

    reference: str
    url: str = ""
    refusal: CardRefused | None = None


@dataclass(frozen=True, kw_only=True)
class Payment:
    """What a gateway says of one order. `amount` in minor units; `order` and `customer` as we named them to it."""

    stage: Stage
    order: str
    customer: str
    mode: str
    amount: int
    currency: str
    is_live: bool
    reference: str = ""
    subscription: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Collected:
    """Money that a gateway took, or failed to take, for a further term of a subscription."""

    invoice: str
    subscription: str
    # For the first term of a subscription, or of the plan to which it was changed.
    is_first: bool
    is_change: bool
    is_paid: bool
    amount: int
    currency: str
    is_live: bool
    # The order of ours that its subscription names.
    order: str = ""
    reference: str = ""
    # Where it can be paid, whether the card was tried, whether nobody can pay it any more.
    url: str = ""
    is_tried: bool = False
    is_given_up: bool = False


@dataclass(frozen=True, kw_only=True)
class Returned:
    """Money that went back. `ours` is the number of the repayment we asked for, if we did."""

    reference: str
    payment: str
    amount: int
    currency: str
    is_done: bool
    is_failed: bool = False
    ours: int | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Contested:
    """A dispute as the gateway has it. Neither open nor closed = an inquiry, in which no money moved."""

    reference: str
    payment: str
    amount: int
    is_open: bool
    is_lost: bool
    is_won: bool


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a gateway does next with a subscription. `is_cancelling`: it ends with the term; `is_over`: it has ended."""

    is_cancelling: bool
    is_over: bool


class Provider(Protocol):
    """Less than `least_amount`, in minor units, is not collected."""

    @property
    def name(self) -> str: ...

    @property
    def is_live(self) -> bool: ...

    @property
    def least_amount(self) -> int: ...

    @property
    def collects_terms(self) -> bool:
        """Whether it takes the money for the further terms of a plan by itself."""

    def open_for(self) -> timedelta:
        """How long an order may wait for its money."""

    def begin(self, order: Order, *, at: datetime) -> None:
        """The first step in the transaction of a new order, before any wallet is locked."""

    def announce(self, order: Order, *, at: datetime) -> None:
        """The last step, when its amount is known and not 0: who has to act learns of it after the commit."""


class Gateway(Provider, Protocol):
    """A provider reached over the network, by the worker alone. Each method raises GatewayAway and GatewayRefused."""

    def collect(self, order: Order) -> Checkout:
        """Ask for the money of an order; twice asks once."""

    def payment_of(self, order: Order) -> Payment: ...

    def close(self, order: Order) -> None:
        """Nobody can pay it any more; refused when somebody just did."""

    def collected(self, invoice: str) -> Collected: ...

    def returned(self, refund: str) -> Returned: ...

    def returned_of_charge(self, charge: str) -> Sequence[Returned]: ...

    def contested(self, dispute: str) -> Contested: ...

    def source_of(self, payment: str) -> str:
        """The checkout or invoice whose money this is; "" for money that is none of ours."""

    def checkout_of(self, subscription: str) -> str: ...

    def recent(self, *, since: datetime) -> Iterable[tuple[str, str]]:
        """Kind and name of what may have moved money since then."""

    def repay(self, repayment: Repayment) -> Returned:
        """Send money back; twice sends it once."""

    def portal(self, wallet: Wallet) -> str:
        """The address of a page on which cards are changed. Raises Customer.DoesNotExist."""

    def standing(self, subscription: Subscription) -> Standing: ...

    def follow(self, subscription: Subscription) -> None:
        """Make its subscription do next what ours does; twice changes nothing."""

    def end(self, reference: str) -> None: ...
