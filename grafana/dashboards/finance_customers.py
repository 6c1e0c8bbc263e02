"""The Finance dashboard's customers: how long they stay, what they are worth, what they cost."""

from __future__ import annotations

from grafana_foundation_sdk.builders import table, timeseries, xychart

from grafana.about import About
from grafana.dashboards.house import ROUND_USD
from grafana.layout import Band, Section
from grafana.panels import (
    Column,
    heat_table_panel,
    scatter_panel,
    table_panel,
    time_series_panel,
)

_RETENTION = "marts.cohort_retention"
_LTV = "marts.ltv_by_cohort"
_SURVIVAL = "marts.customer_survival"
_CAC = "marts.cac_monthly"
_NOBODY = "No customer has paid yet"
_MONTHS = Column(unit="none", decimals=1)


def sections() -> list[Section]:
    """Give the sections on customers' lives and their worth."""
    return [
        Section(
            "Do customers stay?",
            [Band(10, [(12, _logo_retention()), (12, _revenue_retention())])],
        ),
        Section(
            "What is a customer worth?",
            [Band(9, [(9, _survival()), (15, _ltv())])],
        ),
        Section(
            "What does it cost to win a customer?",
            [
                Band(8, [(12, _cac()), (12, _marketing())]),
                Band(11, [(24, _cac_months())]),
            ],
        ),
    ]


def _triangle(about: About, column: str) -> table.Panel:
    """Draw first-payment months by months since, for a year."""
    months = ",\n".join(
        f'    max({column}) filter (where months_since_first_payment = {month}) as "{month}"'
        for month in range(13)
    )
    sql = f"""\
select
    to_char(cohort_month, 'YYYY-MM') as "First paid",
    max(cohort_customers)::text as "Users",
{months}
from {_RETENTION}
group by cohort_month
order by cohort_month desc
limit 24"""
    return heat_table_panel(about, sql, labels={"First paid": 90, "Users": 60}, decimals=0)


def _logo_retention() -> table.Panel:
    return _triangle(
        About(
            "Customer retention by cohort",
            "Of the users who first paid in a month, how many pay so many months later.",
            "Paying at the end of the month / all customers of the cohort. Who comes back counts "
            "again. The latest month is the running one. The last 24 cohorts; the time range "
            "does not matter.",
            (_RETENTION,),
            "percentunit",
            _NOBODY,
        ),
        "logo_retention_rate",
    )


def _revenue_retention() -> table.Panel:
    return _triangle(
        About(
            "Revenue retention by cohort",
            "What the users who first paid in a month bring so many months later.",
            "MRR of the cohort at the end of the month / its MRR at the end of its first month; "
            "above 100% where those who stay pay more than is lost. The last 24 cohorts; the "
            "time range does not matter.",
            (_RETENTION,),
            "percentunit",
            _NOBODY,
        ),
        "revenue_retention_rate",
    )


def _survival() -> xychart.Panel:
    about = About(
        "Customer survival",
        "The share of customers who pay for more than so many months.",
        "Kaplan-Meier estimate over all customers: the product of (1 - lost / at risk) over the "
        "months. Those who still pay count for as long as they were seen. The time range does "
        "not matter.",
        (_SURVIVAL,),
        "percentunit",
        "No customer has paid for a whole month yet",
    )
    sql = f"""\
select
    customers_at_risk || ' at risk, ' || customers_lost || ' lost' as "Customers",
    months_paid as "Months paid",
    survival_rate as "Still paying"
from {_SURVIVAL}
where cohort = 'all'
order by months_paid"""
    return scatter_panel(
        about,
        sql,
        x=("Months paid", "none"),
        y=("Still paying", "percentunit"),
        colors={"Still paying": "green"},
        joined=True,
    )


def _ltv() -> table.Panel:
    about = About(
        "Lifetime value by cohort",
        "What the users who signed up in a month have paid, and what they may be worth.",
        "Historic: observed lifetime x average monthly revenue. Predictive: monthly revenue x "
        "gross margin of 12 months / monthly churn, empty while nobody has left. Kaplan-Meier: "
        "expected lifetime x revenue x margin. Censored customers still pay: the observed "
        "lifetime is too short for them. The time range does not matter.",
        (_LTV,),
        "currencyUSD",
        "Nobody has signed up yet",
    )
    sql = f"""\
select
    to_char(cohort_month, 'YYYY-MM') as "Signed up",
    cohort_size as "Users",
    paying_customers as "Paid",
    realised_revenue_per_customer_usd as "Paid each",
    average_lifetime_months as "Months seen",
    expected_lifetime_months as "Expected",
    censored_customers_rate as "Censored",
    monthly_churn_rate as "Churn",
    average_monthly_revenue_usd as "A month",
    ltv_historic as "LTV historic",
    ltv_predictive as "Predictive",
    ltv_kaplan_meier as "Kaplan-Meier"
from {_LTV}
order by cohort_month desc"""
    return table_panel(
        about,
        sql,
        columns={
            "Signed up": Column(width=90),
            "Users": Column(unit="locale", width=60),
            "Paid": Column(unit="locale", width=60),
            "Months seen": _MONTHS,
            "Expected": _MONTHS,
            "Censored": Column(unit="percentunit", decimals=0),
            "Churn": Column(unit="percentunit", decimals=1),
        },
    )


def _cac() -> timeseries.Panel:
    about = About(
        "Customer acquisition cost",
        "What a customer who paid for the first time has cost: by month, and on average of 12.",
        "Overall: marketing and sales cost / new customers. Paid: paid_ads / customers won by "
        "advertising. Organic: content_marketing / customers won by content. Months without such "
        "customers are gaps.",
        (_CAC,),
        "currencyUSD",
        "Neither cost nor customers in this time range",
    )
    sql = f"""\
select
    month_start::timestamp as "time",
    overall_cac_usd as "Overall",
    paid_cac_usd as "Paid",
    organic_cac_usd as "Organic",
    overall_cac_12m_usd as "12 months"
from {_CAC}
where $__timeFilter(month_start)
order by month_start"""
    return time_series_panel(
        about,
        sql,
        colors={"Overall": "blue", "Paid": "orange", "Organic": "green", "12 months": "text"},
        bars=("Overall",),
    )


def _marketing() -> timeseries.Panel:
    about = About(
        "Marketing and sales cost",
        "What was spent on winning customers, by category.",
        "Expense lines of the departments marketing and sales, and of the categories paid_ads, "
        "content_marketing and sales whatever their department. Credits reduce it.",
        (_CAC,),
        "currencyUSD",
        "No expenses in this time range",
    )
    sql = f"""\
select
    month_start::timestamp as "time",
    paid_ads_cost_usd as "Paid ads",
    content_marketing_cost_usd as "Content",
    sales_cost_usd as "Sales",
    other_marketing_cost_usd as "Other"
from {_CAC}
where $__timeFilter(month_start)
order by month_start"""
    colors = {"Paid ads": "orange", "Content": "green", "Sales": "blue", "Other": "purple"}
    return time_series_panel(about, sql, colors=colors, bars=tuple(colors), stacked=True)


def _cac_months() -> table.Panel:
    about = About(
        "Acquisition month by month",
        "What customers cost, when they have paid it back, and what they are worth for it.",
        "Payback: CAC / (ARPA x gross margin of 12 months), empty without new customers or "
        "margin. LTV: ARPA x that margin / customer churn of 12 months. The running month is "
        "marked: it is not over.",
        (_CAC,),
        "currencyUSD",
        "Neither cost nor customers in this time range",
    )
    sql = f"""\
select
    to_char(month_start, 'YYYY-MM') || case when is_complete_month then '' else ' *' end
        as "Month",
    marketing_cost_usd as "Cost",
    new_customers as "New",
    overall_cac_usd as "CAC",
    paid_cac_usd as "Paid CAC",
    organic_cac_usd as "Organic CAC",
    cac_payback_months as "Payback, months",
    customer_ltv_usd as "LTV",
    ltv_to_cac_ratio as "LTV to CAC",
    overall_cac_12m_usd as "CAC, 12 m",
    cac_payback_months_12m as "Payback, 12 m",
    ltv_to_cac_ratio_12m as "LTV to CAC, 12 m"
from {_CAC}
where $__timeFilter(month_start)
order by month_start desc"""
    ratio = Column(unit="none", decimals=2)
    return table_panel(
        about,
        sql,
        columns={
            "Month": Column(width=100),
            "Cost": ROUND_USD,
            "New": Column(unit="locale", width=70),
            "Payback, months": _MONTHS,
            "Payback, 12 m": _MONTHS,
            "LTV to CAC": ratio,
            "LTV to CAC, 12 m": ratio,
        },
    )
