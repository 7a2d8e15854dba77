"""Whether two addresses are one person's, for what each person gets once (reliability A27). For nothing else: mail
servers do not agree on what a dot or a tag means.
"""

import hashlib


def folded(address: str) -> str:
    """The address without its +tag and dots: "A.da+club@Example.org" is "ada@example.org"."""
    local, _at, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


def person(address: str) -> str:
    """The person behind an address, as 64 hexadecimal digits: what is kept names nobody."""
    return hashlib.sha256(folded(address).encode()).hexdigest()


def is_same(one: str, other: str) -> bool:
    return folded(one) == folded(other)
