"""Stripe's invoices and their lines, in the shape of API version 2026-10-28.

The subscription is under `parent`, the price of a line under `pricing`, and what is off a line
in its `discount_amounts`. Amounts are whole cents, before discounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.http.stripe_resources import Resource, listed, plain_decimal
from simulator.http.wire import unix, unix_or_none
from simulator.world.model import Invoice, InvoiceLine, User

EMBEDDED_LINES = 10


def _line_parent(entry: InvoiceLine) -> Resource:
    details: Resource = {
        "invoice_item": None,
        "proration": entry.is_proration,
        "proration_details": {"credited_items": None},
        "subscription": entry.subscription_id,
    }
    if entry.subscription_item_id is None:
        details["invoice_item"] = "ii_" + entry.line_id.removeprefix("il_")
        return {
            "type": "invoice_item_details",
            "invoice_item_details": details,
            "subscription_item_details": None,
        }
    details["subscription_item"] = entry.subscription_item_id
    return {
        "type": "subscription_item_details",
        "invoice_item_details": None,
        "subscription_item_details": details,
    }


def invoice_line(entry: InvoiceLine, holder: Invoice, products: dict[str, str]) -> Resource:
    """Return a line of an invoice. `products` gives the product of each price."""
    discounts = [entry.discount_id] if entry.discount_id else []
    pricing = None
    if entry.price_id is not None:
        pricing = {
            "price_details": {"price": entry.price_id, "product": products[entry.price_id]},
            "type": "price_details",
            "unit_amount_decimal": plain_decimal(entry.unit_amount_decimal_cents),
        }
    return {
        "id": entry.line_id,
        "object": "line_item",
        "amount": entry.amount_cents,
        "currency": "usd",
        "description": entry.description,
        "discount_amounts": [{"amount": entry.discount_cents, "discount": d} for d in discounts],
        "discountable": not entry.is_proration,
        "discounts": discounts,
        "invoice": holder.invoice_id,
        "livemode": False,
        "metadata": {},
        "parent": _line_parent(entry),
        "period": {"end": unix(entry.period_end), "start": unix(entry.period_start)},
        "pretax_credit_amounts": [],
        "pricing": pricing,
        "quantity": entry.quantity,
        "subtotal": entry.amount_cents,
        "taxes": [],
    }


def _discount_totals(lines: Iterable[InvoiceLine]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for line in lines:
        if line.discount_id:
            totals[line.discount_id] = totals.get(line.discount_id, 0) + line.discount_cents
    return totals


def invoice(entry: Invoice, holder: User | None, lines: Sequence[Resource]) -> Resource:
    """Return a finalised invoice with its first ten `lines`, as Stripe embeds them."""
    off = _discount_totals(entry.lines)
    subtotal = sum(line.amount_cents for line in entry.lines)
    total = subtotal - sum(off.values())
    due = max(total, 0)
    paid = due if entry.status == "paid" else 0
    parent = None
    if entry.subscription_id is not None:
        details = {"metadata": {}, "subscription": entry.subscription_id}
        parent = {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": details,
        }
    url = f"/v1/invoices/{entry.invoice_id}/lines"
    finalised = unix(entry.finalized_at)
    settled = unix(entry.settled_at or entry.finalized_at)
    return {
        "id": entry.invoice_id,
        "object": "invoice",
        "amount_due": due,
        "amount_overpaid": 0,
        "amount_paid": paid,
        "amount_remaining": due - paid,
        "amount_shipping": 0,
        "attempt_count": 1,
        "attempted": True,
        "auto_advance": entry.status == "open",
        "billing_reason": entry.billing_reason,
        "collection_method": "charge_automatically",
        "created": unix(entry.created_at),
        "currency": "usd",
        "customer": entry.customer_id,
        "customer_email": holder.email if holder else None,
        "customer_name": holder.full_name if holder else None,
        "default_tax_rates": [],
        "description": None,
        "discounts": list(off),
        "due_date": None,
        "effective_at": finalised,
        "ending_balance": min(total, 0),
        "lines": listed(url, lines[:EMBEDDED_LINES], len(lines)),
        "livemode": False,
        "metadata": {},
        "number": entry.number,
        "parent": parent,
        "period_end": unix(entry.period_end),
        "period_start": unix(entry.period_start),
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "status": entry.status,
        "status_transitions": {
            "finalized_at": finalised,
            "marked_uncollectible_at": settled if entry.status == "uncollectible" else None,
            "paid_at": unix_or_none(entry.paid_at),
            "voided_at": settled if entry.status == "void" else None,
        },
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "test_clock": None,
        "total": total,
        "total_discount_amounts": [{"amount": n, "discount": d} for d, n in off.items()],
        "total_excluding_tax": total,
        "total_taxes": [],
    }
