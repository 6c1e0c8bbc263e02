"""The Finance dashboard's figures on top."""

from __future__ import annotations

from dataclasses import dataclass

from grafana_foundation_sdk.builders.stat import Panel

from grafana.dashboards.house import SIGN_STEPS, tile
from grafana.layout import Band, Section
from grafana.panels import Step

_MRR = "marts.mrr_monthly"
_CAC = "marts.cac_monthly"
_MARGIN = "marts.gross_margin_monthly"
_NOW = "As it stands in the running month; the time range does not matter."
_FULL = "Of the last month that is complete; the time range does not matter."
_YEAR = "Of the 12 months that end with the last complete one; the time range does not matter."
_RETAINED = (Step(None, "red"), Step(0.9, "yellow"), Step(1.0, "green"))
# Three for one is taken for healthy (docs block ltv_to_cac_ratio).
_WORTH = (Step(None, "red"), Step(1, "yellow"), Step(3, "green"))


@dataclass(frozen=True)
class _Look:
    """The unit of a figure, its decimals and its colours."""

    unit: str = "currencyUSD"
    decimals: int | None = None
    steps: tuple[Step, ...] = ()


_MONEY = _Look()
_WHOLE = _Look("locale")
_RATE = _Look("percentunit", 1)
_GROWTH = _Look("percentunit", 1, SIGN_STEPS)
_TIMES = _Look("none", 2, _WORTH)


def section() -> Section:
    """Give the section: what comes in above, what it takes below."""
    return Section(
        "Where does the business stand?",
        [Band(4, [(3, panel) for panel in band]) for band in (_income(), _economy())],
    )


def _income() -> list[Panel]:
    return [
        _now(
            "MRR",
            "total_mrr",
            "Base subscriptions in force, normalised to a month and net of discounts, plus "
            "overage. Read from invoice lines, never from today's prices.",
        ),
        _now("ARR", "arr", "Annual run rate: 12 x MRR."),
        _now("ARPA", "arpa", "Average revenue per account: MRR / paying users."),
        _now("Paying users", "paying_users", "Users whose MRR is above zero.", _WHOLE),
        _full_month(
            "MRR growth",
            "mrr_growth_rate",
            "(closing - opening) / opening MRR. Empty where it opened with none.",
            _GROWTH,
        ),
        _full_month(
            "Net retention",
            "net_revenue_retention",
            "NRR: (opening + expansion - contraction - churned MRR) / opening MRR.",
            _Look("percentunit", 1, _RETAINED),
        ),
        _full_month(
            "Gross retention",
            "gross_revenue_retention",
            "GRR: (opening - contraction - churned MRR) / opening MRR.",
            _Look("percentunit", 1, _RETAINED),
        ),
        _full_month(
            "Quick ratio",
            "quick_ratio",
            "(new + expansion + reactivation) / (contraction + churned MRR). Empty where nothing "
            "was lost.",
            _TIMES,
        ),
    ]


def _economy() -> list[Panel]:
    return [
        _full_month(
            "Revenue churn",
            "gross_churn_rate",
            "(churned + contraction MRR) / opening MRR; expansion does not make up for it.",
            _RATE,
        ),
        _full_month(
            "Customer churn",
            "logo_churn_rate",
            "Users who ceased to pay / users who paid at the month's beginning.",
            _RATE,
        ),
        _full_month(
            "Gross margin, 12 months",
            "gross_margin_rate_12m",
            "(platform revenue - cost of delivery) / platform revenue, over those of the months "
            "whose cost is known.",
            _GROWTH,
            source=_MARGIN,
            shows=_YEAR,
        ),
        _full_month(
            "Customer LTV",
            "customer_ltv_usd",
            "ARPA x gross margin of 12 months / customer churn of 12 months. Empty, not "
            "infinite, where nobody left.",
            source=_CAC,
        ),
        _full_month(
            "CAC, 12 months",
            "overall_cac_12m_usd",
            "Marketing and sales cost / customers who paid for the first time.",
            source=_CAC,
            shows=_YEAR,
        ),
        _full_month(
            "Payback in months",
            "cac_payback_months_12m",
            "CAC of 12 months / (ARPA x gross margin of 12 months).",
            _Look("none", 1),
            source=_CAC,
            shows=_YEAR,
        ),
        _full_month(
            "LTV to CAC",
            "ltv_to_cac_ratio_12m",
            "Customer LTV / CAC of 12 months. Green from three on.",
            _TIMES,
            source=_CAC,
            shows=_YEAR,
        ),
        _full_month(
            "New customers",
            "new_customers",
            "Users who paid for the first time in the month.",
            _WHOLE,
            source=_CAC,
        ),
    ]


def _now(title: str, column: str, definition: str, look: _Look = _MONEY) -> Panel:
    sql = f'select {column} as "{title}" from {_MRR} order by month_start desc limit 1'
    return _figure(title, sql, _NOW, definition, _MRR, look)


def _full_month(
    title: str,
    column: str,
    definition: str,
    look: _Look = _MONEY,
    *,
    source: str = _MRR,
    shows: str = _FULL,
) -> Panel:
    sql = f"""\
select {column} as "{title}"
from {source}
where is_complete_month
order by month_start desc
limit 1"""
    return _figure(title, sql, shows, definition, source, look)


def _figure(title: str, sql: str, shows: str, definition: str, source: str, look: _Look) -> Panel:
    return tile(
        title,
        sql,
        shows,
        definition,
        (source,),
        "Not known",
        unit=look.unit,
        decimals=look.decimals,
        steps=look.steps,
    )
