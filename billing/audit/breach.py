"""One thing that must not be."""

from typing import NamedTuple


class Breach(NamedTuple):
    """`rule` is a number of domain 10, such as R3; without a wallet it concerns the database itself."""

    rule: str
    wallet_id: int | None
    sentence: str

    def __str__(self) -> str:
        where = "" if self.wallet_id is None else f" wallet {self.wallet_id}:"
        return f"{self.rule}{where} {self.sentence}"
