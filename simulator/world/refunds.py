"""Refunds: now and then money goes back, all of it or a part.

A refund gives money back, it does not change what was billed: recurring revenue stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from simulator.world.model import Invoice, Refund
from simulator.world.random_streams import base62, generator

_SHARE = 0.1  # of the paid invoices
_REASONS = ("requested_by_customer", "requested_by_customer", "duplicate", None)


def refunds_of(seed: int, invoices: Iterable[Invoice], as_of: datetime) -> Iterator[Refund]:
    """Yield the refunds of paid invoices that were made until an instant."""
    for invoice in invoices:
        paid = sum(line.amount_cents - line.discount_cents for line in invoice.lines)
        if invoice.paid_at is None or paid <= 0:
            continue
        stream = generator(seed, "refund", invoice.invoice_id)
        if stream.random() >= _SHARE:
            continue
        wait = timedelta(hours=float(stream.uniform(5, 140)))
        whole = stream.random() < 0.6
        amount = paid if whole else max(1, round(paid * float(stream.uniform(0.1, 0.7))))
        reason = _REASONS[int(stream.integers(len(_REASONS)))]
        made_at = (invoice.paid_at + wait).replace(microsecond=0)
        if made_at <= as_of:
            yield Refund(
                "re_" + base62(24, seed, "refund", invoice.invoice_id),
                "ch_" + base62(24, seed, "charge", invoice.invoice_id),
                "pi_" + base62(24, seed, "payment intent", invoice.invoice_id),
                invoice.invoice_id,
                invoice.customer_id,
                paid,
                amount,
                reason,
                invoice.paid_at,
                made_at,
            )
