"""What is expected of Stripe's objects and of what providers and files say that we spent."""

from __future__ import annotations

from validation.expectations import (
    Expectation,
    Figure,
    Kind,
    Suite,
    between,
    not_in_future,
    numbers,
    one_of,
    wholes,
)

_HUNDRED_MILLION_CENTS = 100_000_000 * 100


def _billing(
    entity: str,
    figures: tuple[Figure, ...],
    *expectations: Expectation,
    columns: tuple[tuple[str, str], ...] = (),
) -> Suite:
    return Suite(
        f"raw_billing.{entity}",
        ("id",),
        figures,
        (not_in_future("created_at"), *expectations),
        (("created_at", "created_at"), *columns),
    )


_CURRENCY = Figure("currency", Kind.TEXT)
_IN_DOLLARS = one_of(
    "currency",
    ("usd",),
    "amounts are in US dollars",
    "Every figure is summed in US dollars: bill in usd, or leave these objects out.",
)
_LINE_AMOUNTS = "jsonb_path_query_array(payload, '$.lines.data[*].amount')::text"

_STRIPE = (
    _billing(
        "customers",
        (Figure("metadata.user_id", Kind.UUID, is_required=False),),
        Expectation(
            "customers name their user",
            "user_id is null and unreadable is null",
            is_critical=False,
            advice="Set metadata.user_id of these customers in Stripe: their revenue has no user.",
        ),
    ),
    _billing("products", (Figure("name", Kind.TEXT),)),
    _billing(
        "prices",
        (
            _CURRENCY,
            *wholes("unit_amount", is_required=False),
            *numbers("unit_amount_decimal", is_required=False),
        ),
        _IN_DOLLARS,
        between("unit_amount_decimal", 0, _HUNDRED_MILLION_CENTS, "prices are not negative"),
    ),
    _billing(
        "subscriptions",
        (Figure("customer", Kind.TEXT), Figure("status", Kind.TEXT), _CURRENCY),
        _IN_DOLLARS,
        Expectation(
            "subscriptions have items",
            "item_count = 0",
            advice="Without items a subscription has no price: extract Stripe again.",
        ),
        columns=(("item_count", "coalesce(jsonb_array_length(payload #> '{items,data}'), 0)"),),
    ),
    _billing(
        "invoices",
        (_CURRENCY, Figure("customer", Kind.TEXT), *wholes("total")),
        _IN_DOLLARS,
        between(
            "total", -_HUNDRED_MILLION_CENTS, _HUNDRED_MILLION_CENTS, "totals are sane, in cents"
        ),
        Expectation(
            "amounts of lines are whole cents",
            "line_amounts !~ '^\\[(-?[0-9]+(, -?[0-9]+)*)?\\]$'",
            advice="Stripe tells amounts in whole cents: look at these invoices' lines.",
        ),
        Expectation(
            "all lines of an invoice are landed",
            "has_more_lines = 'true'",
            advice="MRR is summed from lines: extract Stripe again, every page of lines.",
        ),
        columns=(
            ("line_amounts", _LINE_AMOUNTS),
            ("has_more_lines", "payload #>> '{lines,has_more}'"),
        ),
    ),
    _billing(
        "refunds",
        (_CURRENCY, *wholes("amount")),
        _IN_DOLLARS,
        between("amount", 0, _HUNDRED_MILLION_CENTS, "refunds are not negative"),
    ),
    _billing("events", (Figure("type", Kind.TEXT),)),
)


def _dated(column: str, *, is_critical: bool = True) -> Expectation:
    return Expectation(
        "no day lies in the future",
        f"{column} > $today",
        is_critical,
        advice="Correct the date at its source, or check the --as-of that was given.",
    )


_SANE_DAY = (0.0, 100_000.0)

_COSTS = (
    Suite(
        "raw_costs.openai_costs",
        ("bucket_date", "project_id", "line_item"),
        (*numbers("amount.value"), Figure("amount.currency", Kind.TEXT)),
        (
            _dated("bucket_date"),
            between("value", *_SANE_DAY, "a day's cost is sane and not negative"),
            one_of("currency", ("usd",), "costs are in US dollars", "Ask OpenAI for usd."),
        ),
    ),
    Suite(
        "raw_costs.elevenlabs_usage",
        ("usage_date", "product"),
        numbers("usage_usd", "credits_used", is_required=False),
        (
            _dated("usage_date"),
            between("usage_usd", *_SANE_DAY, "a day's cost is sane and not negative"),
            between("credits_used", 0, 1e12, "credits are not negative"),
        ),
    ),
    *(
        Suite(
            f"raw_costs.{table}",
            ("file_name", "line_number"),
            numbers("amount_usd"),
            (
                _dated(day, is_critical=False),
                between("amount_usd", -1_000_000, 1_000_000, "amounts are sane, in US dollars"),
            ),
            ((day, day),),
        )
        for table, day in (("expenses", "expense_date"), ("infrastructure_costs", "cost_date"))
    ),
)

SUITES = (*_STRIPE, *_COSTS)
