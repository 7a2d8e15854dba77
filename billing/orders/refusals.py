"""Why an order, or money back, is refused."""


class OrderRefused(Exception):
    """Nothing was ordered, paid or sent back; the text is a sentence for whoever asked."""


class NotForSale(OrderRefused):
    """It is not offered, not to this member, or nobody collects money here."""


class TooLate(OrderRefused):
    """The order has gone on meanwhile."""
