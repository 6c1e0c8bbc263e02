"""The stand-in of Stripe, through the real client and on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import http_calls
import httpx
import pytest
from stripe import AuthenticationError, InvalidRequestError, RateLimitError, StripeClient
from tiny_world import TinyWorld, at

from simulator.http.faults import parse_faults
from simulator.http.server import NAMES, Running, running


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[Running]:
    with running(TinyWorld()) as up:
        yield up


def client_of(up: Running, key: str | None = None) -> StripeClient:
    return StripeClient(
        key or up.url("STRIPE_API_KEY"), base_addresses={"api": up.url("STRIPE_API_BASE")}
    )


@pytest.fixture(scope="module")
def client(stand_ins: Running) -> StripeClient:
    return client_of(stand_ins)


@pytest.fixture
def get(stand_ins: Running) -> Callable[..., httpx.Response]:
    def call(path: str, params: str = "") -> httpx.Response:
        url = f"{stand_ins.url('STRIPE_API_BASE')}/v1/{path}?{params}"
        return http_calls.get(url, auth=(stand_ins.url("STRIPE_API_KEY"), ""))

    return call


def test_auto_paging_newest_first(client: StripeClient) -> None:
    pages = client.v1.invoices.list({"limit": 1})
    assert pages.has_more
    assert [entry.id for entry in pages.auto_paging_iter()] == ["in_003", "in_002", "in_001"]
    backwards = client.v1.invoices.list({"limit": 2, "ending_before": "in_001"})
    assert [entry.id for entry in backwards.data] == ["in_003", "in_002"]
    assert not backwards.has_more


def test_customers_products_prices(client: StripeClient) -> None:
    first = client.v1.customers.list().data[-1]
    assert first.metadata is not None
    assert (first.id, first.metadata["user_id"]) == ("cus_1", str(TinyWorld().users[0].user_id))
    assert first.created == int(at(1, 1).timestamp())
    assert client.v1.products.retrieve("prod_growth").name == "Growth"
    prices = {entry.id: entry for entry in client.v1.prices.list().data}
    growth, overage = prices["price_growth"], prices["price_overage"]
    assert growth.unit_amount == 9900
    assert growth.recurring is not None
    assert growth.recurring.usage_type == "licensed"
    assert overage.unit_amount is None
    assert overage.unit_amount_decimal == Decimal("0.5")
    assert client.v1.customers.retrieve("cus_2").email == "user2@example.com"


def test_subscriptions_that_are_over_are_asked_for(client: StripeClient) -> None:
    assert [entry.id for entry in client.v1.subscriptions.list().data] == ["sub_1"]
    every = client.v1.subscriptions.list({"status": "all"})
    assert [entry.id for entry in every.data] == ["sub_2", "sub_1"]
    ended = client.v1.subscriptions.list({"status": "ended", "customer": "cus_2"}).data[0]
    assert ended.ended_at == int(at(5, 3).timestamp())
    assert not client.v1.subscriptions.list({"status": "canceled", "customer": "cus_1"}).data


def test_discounts_are_ids_unless_expanded(get: Callable[..., httpx.Response]) -> None:
    plain = get("subscriptions").json()["data"][0]
    assert plain["discounts"] == ["di_1"]
    assert "current_period_end" not in plain
    assert plain["items"]["data"][0]["current_period_end"] == int(at(6, 1).timestamp())
    assert plain["latest_invoice"] == "in_003"
    half = get("subscriptions", "expand[]=data.discounts").json()["data"][0]
    assert half["discounts"][0]["source"] == {"coupon": "TWENTY", "type": "coupon"}
    whole = get("subscriptions", "expand[]=data.discounts.source.coupon").json()["data"][0]
    assert whole["discounts"][0]["source"]["coupon"]["percent_off"] == 20
    assert get("subscriptions").json()["data"][0] == plain


def test_expansion_through_the_client(client: StripeClient) -> None:
    listed = client.v1.subscriptions.list(
        {"status": "all", "expand": ["data.discounts", "data.discounts.source.coupon"]}
    )
    (discount,) = listed.data[1].discounts
    assert not isinstance(discount, str)
    assert discount.source.coupon is not None
    assert not isinstance(discount.source.coupon, str)
    assert discount.source.coupon.duration_in_months == 3


def test_an_invoice_embeds_ten_lines(client: StripeClient) -> None:
    invoice = client.v1.invoices.retrieve("in_001")
    assert invoice.parent is not None
    assert invoice.parent.subscription_details is not None
    assert invoice.parent.subscription_details.subscription == "sub_1"
    assert len(invoice.lines.data) == 10
    assert invoice.lines.has_more
    lines = client.v1.invoices.line_items.list("in_001", {"limit": 5})
    assert [line.id for line in lines.auto_paging_iter()] == [f"il_{n:03d}" for n in range(12)]
    assert invoice.subtotal == 12 * 9900
    assert invoice.total == 12 * (9900 - 1980)
    assert invoice.amount_paid == invoice.total


def test_lines(get: Callable[..., httpx.Response]) -> None:
    metered, credit, charge = get("invoices/in_003/lines").json()["data"]
    assert metered["pricing"] == {
        "price_details": {"price": "price_overage", "product": "prod_growth"},
        "type": "price_details",
        "unit_amount_decimal": "0.5",
    }
    assert (metered["quantity"], metered["amount"]) == (50, 25)
    assert metered["discount_amounts"] == []
    assert credit["amount"] == -4000
    details = credit["parent"]["subscription_item_details"]
    assert (details["proration"], details["subscription_item"]) == (True, "si_1")
    assert charge["discount_amounts"] == [{"amount": 1200, "discount": "di_1"}]
    assert charge["period"] == {
        "start": int(at(5, 1).timestamp()),
        "end": int(at(6, 1).timestamp()),
    }
    (one_off,) = get("invoices/in_002").json()["lines"]["data"]
    assert one_off["pricing"] is None
    assert one_off["parent"]["type"] == "invoice_item_details"
    assert get("invoices/in_002").json()["parent"] is None


def test_filters(get: Callable[..., httpx.Response]) -> None:
    def ids(params: str) -> list[str]:
        return [entry["id"] for entry in get("invoices", params).json()["data"]]

    third, tenth = int(at(5, 3).timestamp()), int(at(5, 10).timestamp())
    assert ids(f"created[gte]={third}&created[lt]={tenth}") == ["in_002"]
    assert ids(f"created[gt]={third}") == ["in_003"]
    assert ids(f"created[lte]={third}") == ["in_002", "in_001"]
    assert ids(f"created={third}") == ["in_002"]
    assert ids("status=open") == ["in_002"]
    assert ids("subscription=sub_1&customer=cus_1") == ["in_003", "in_001"]


@pytest.mark.parametrize(
    ("path", "params", "status", "param", "code"),
    [
        ("invoices", "colour=red", 400, "colour", "parameter_unknown"),
        ("invoices", "limit=101", 400, "limit", "parameter_invalid_integer"),
        ("invoices", "limit=ten", 400, "limit", "parameter_invalid_integer"),
        ("invoices", "starting_after=in_9", 400, "starting_after", "resource_missing"),
        ("invoices", "created[after]=1", 400, "created[after]", "parameter_unknown"),
        ("invoices", "customer=cus_9", 400, "customer", "resource_missing"),
        ("subscriptions", "status=over", 400, "status", None),
        ("subscriptions", "expand[]=data.colour", 400, "expand[0]", None),
        ("customers/cus_9", "", 404, "id", "resource_missing"),
        ("customers/sub_1", "", 404, "id", "resource_missing"),
        ("charges", "", 404, None, None),
    ],
)
def test_what_is_refused(
    get: Callable[..., httpx.Response],
    path: str,
    params: str,
    status: int,
    param: str | None,
    code: str | None,
) -> None:
    answer = get(path, params)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    assert (error.get("param"), error.get("code")) == (param, code)


def test_errors_reach_the_client(stand_ins: Running, client: StripeClient) -> None:
    with pytest.raises(AuthenticationError):
        client_of(stand_ins, "sk_test_wrong").v1.customers.list()
    with pytest.raises(InvalidRequestError, match="No such invoice"):
        client.v1.invoices.retrieve("in_9")
    assert http_calls.get(stand_ins.url("STRIPE_API_BASE") + "/v1/customers").status_code == 401


def test_faults() -> None:
    with running(TinyWorld(), faults=parse_faults(["stripe=429"], NAMES)) as up:
        with pytest.raises(RateLimitError):
            client_of(up).v1.customers.list()
        other = http_calls.get(up.url("OPENAI_API_BASE") + "/v1/organization/costs")
        assert other.status_code == 401
    with running(TinyWorld(), faults=parse_faults(["stripe=malformed"], NAMES)) as up:
        listed = client_of(up).v1.invoices.list().to_dict()
        assert [entry.get("id") for entry in listed["data"]] == [None, "in_002", "in_001"]
