"""Stripe's customers, products, prices, discounts and subscriptions, made from the world.

The shape is that of API version 2026-10-28.
Unexpanded: what an object refers to is an id. Amounts are whole cents; unit amounts below a cent
are strings. The period of a subscription is on its items, a discount's coupon under `source`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from simulator.http.wire import unix, unix_or_none
from simulator.world.model import (
    Discount,
    Price,
    Product,
    Refund,
    Subscription,
    SubscriptionItem,
    User,
    World,
)

Resource = dict[str, Any]
EMBEDDED_ITEMS = 10


def plain_decimal(value: Decimal) -> str:
    """Return a decimal as Stripe writes it: no exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def listed(url: str, data: Sequence[Resource], total: int | None = None) -> Resource:
    """Return a list inside an object; `total` is the number there is, if not all are shown."""
    count = len(data) if total is None else total
    return {
        "object": "list",
        "data": list(data),
        "has_more": count > len(data),
        "total_count": count,
        "url": url,
    }


def customer(user: User) -> Resource:
    """Return a customer; `metadata.user_id` is the platform's user."""
    return {
        "id": user.stripe_customer_id,
        "object": "customer",
        "address": {
            "city": None,
            "country": user.country,
            "line1": None,
            "line2": None,
            "postal_code": None,
            "state": None,
        },
        "balance": 0,
        "created": unix(user.signup_at),
        "currency": "usd",
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": user.email,
        "invoice_prefix": user.stripe_customer_id[-8:].upper(),
        "livemode": False,
        "metadata": {"user_id": str(user.user_id)},
        "name": user.full_name,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def product(entry: Product) -> Resource:
    """Return a product."""
    return {
        "id": entry.product_id,
        "object": "product",
        "active": True,
        "created": unix(entry.created_at),
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": dict(entry.metadata),
        "name": entry.name,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": unix(entry.created_at),
        "url": None,
    }


def price(entry: Price) -> Resource:
    """Return a price."""
    return {
        "id": entry.price_id,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": unix(entry.created_at),
        "currency": "usd",
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": dict(entry.metadata),
        "nickname": entry.nickname,
        "product": entry.product_id,
        "recurring": {
            "interval": entry.interval,
            "interval_count": entry.interval_count,
            "meter": f"mtr_{entry.price_id}" if entry.usage_type == "metered" else None,
            "trial_period_days": None,
            "usage_type": entry.usage_type,
        },
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": entry.unit_amount_cents,
        "unit_amount_decimal": plain_decimal(entry.unit_amount_decimal_cents),
    }


def coupon(entry: Discount, created_at: datetime) -> Resource:
    """Return the coupon that a discount came from. `created_at`: when coupons were made."""
    return {
        "id": entry.coupon_id,
        "object": "coupon",
        "amount_off": None,
        "created": unix(created_at),
        "currency": None,
        "duration": entry.duration,
        "duration_in_months": entry.duration_in_months,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "name": entry.coupon_id,
        "percent_off": entry.percent_off,
        "redeem_by": None,
        "times_redeemed": 1,
        "valid": True,
    }


def discount(entry: Discount, holder: Subscription) -> Resource:
    """Return a discount of a subscription."""
    return {
        "id": entry.discount_id,
        "object": "discount",
        "checkout_session": None,
        "customer": holder.customer_id,
        "customer_account": None,
        "end": unix_or_none(entry.end_at),
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": entry.coupon_id, "type": "coupon"},
        "start": unix(entry.start_at),
        "subscription": holder.subscription_id,
        "subscription_item": None,
    }


def _item(entry: SubscriptionItem, holder: Subscription, priced: Price) -> Resource:
    item: Resource = {
        "id": entry.item_id,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": unix(entry.created_at),
        "current_period_end": unix(entry.current_period_end),
        "current_period_start": unix(entry.current_period_start),
        "discounts": [],
        "metadata": {},
        "price": price(priced),
        "subscription": holder.subscription_id,
        "tax_rates": [],
    }
    if priced.usage_type == "licensed":
        item["quantity"] = entry.quantity
    return item


def subscription_items(entry: Subscription, world: World) -> list[Resource]:
    """Return every item of a subscription."""
    prices = {priced.price_id: priced for priced in world.prices}
    return [_item(item, entry, prices[item.price_id]) for item in entry.items]


def refund(entry: Refund) -> Resource:
    """Return a refund. The invoice is not told, nor is it by Stripe; the charge is."""
    return {
        "id": entry.refund_id,
        "object": "refund",
        "amount": entry.amount_cents,
        "balance_transaction": "txn_" + entry.refund_id.removeprefix("re_"),
        "charge": entry.charge_id,
        "created": unix(entry.created_at),
        "currency": "usd",
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": {},
        "payment_intent": entry.payment_intent_id,
        "reason": entry.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def charge(entry: Refund) -> Resource:
    """Return the charge that a refund gives back."""
    return {
        "id": entry.charge_id,
        "object": "charge",
        "amount": entry.charged_cents,
        "amount_captured": entry.charged_cents,
        "amount_refunded": entry.amount_cents,
        "captured": True,
        "created": unix(entry.charged_at),
        "currency": "usd",
        "customer": entry.customer_id,
        "disputed": False,
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_intent": entry.payment_intent_id,
        "refunded": entry.amount_cents == entry.charged_cents,
        "status": "succeeded",
    }


def subscription(
    entry: Subscription, items: Sequence[Resource], latest_invoice: str | None
) -> Resource:
    """Return a subscription with the first of its items, as Stripe embeds them."""
    requested = entry.canceled_at is not None
    return {
        "id": entry.subscription_id,
        "object": "subscription",
        "application": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": unix(entry.billing_cycle_anchor),
        "billing_mode": {"type": "classic"},
        "cancel_at": items[0]["current_period_end"] if entry.cancel_at_period_end else None,
        "cancel_at_period_end": entry.cancel_at_period_end,
        "canceled_at": unix_or_none(entry.canceled_at),
        "cancellation_details": {
            "comment": None,
            "feedback": None,
            "reason": "cancellation_requested" if requested else None,
        },
        "collection_method": "charge_automatically",
        "created": unix(entry.created_at),
        "currency": "usd",
        "customer": entry.customer_id,
        "days_until_due": None,
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [held.discount_id for held in entry.discounts],
        "ended_at": unix_or_none(entry.ended_at),
        "items": listed(
            f"/v1/subscription_items?subscription={entry.subscription_id}",
            items[:EMBEDDED_ITEMS],
            len(items),
        ),
        "latest_invoice": latest_invoice,
        "livemode": False,
        "metadata": {},
        "pause_collection": None,
        "schedule": None,
        "start_date": unix(entry.start_at),
        "status": entry.status,
        "test_clock": None,
        "trial_end": unix_or_none(entry.trial_end),
        "trial_start": unix_or_none(entry.trial_start),
    }
