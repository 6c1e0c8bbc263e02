"""Read amounts of money as people write them in spreadsheets."""

from __future__ import annotations

import re
from decimal import Decimal

_NUMBER = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+")
_DECIMAL_COMMA = re.compile(r"[0-9.]*,[0-9]+")


def parse_amount(text: str) -> Decimal:
    """Return the exact amount that `text` writes. Raises `ValueError` with the reason.

    Read are ``1234.5``, ``1,234.50`` (commas in threes before a decimal point), a dollar sign,
    and for a negative amount ``-45``, ``-$45``, ``$-45`` or the accountants' ``(45.00)``. What
    could mean two things is refused: in ``1234,50`` and ``1.234,50`` the comma may be a decimal
    one.
    """
    rest = text.strip().replace("\N{MINUS SIGN}", "-")
    negative = rest.startswith("(") and rest.endswith(")")
    if negative:
        rest = rest[1:-1].strip()
    signed = re.fullmatch(r"(-?)\s*\$?\s*(-?)(\S*)", rest)
    signs = signed.group(1) + signed.group(2) if signed else ""
    digits = signed.group(3) if signed else rest
    if len(signs) + negative > 1:
        raise ValueError(f"the amount {text!r} is negative twice")
    if not _NUMBER.fullmatch(digits):
        if _DECIMAL_COMMA.fullmatch(digits):
            raise ValueError(
                f"the comma of the amount {text!r} may be a decimal comma: write 1234.50"
            )
        raise ValueError(f"the amount {text!r} is not a number")
    amount = Decimal(digits.replace(",", ""))
    return -amount if negative or signs else amount


def plain(amount: Decimal) -> str:
    """Return the digits of an amount, without exponent."""
    return format(amount, "f")
