"""Every data test of unit economics finds the bad data that it is there for.

As tests/python/marts/test_bad_data.py: the test's SQL runs after the marts were damaged in a
transaction that is rolled back.
"""

from __future__ import annotations

import pytest
from commands import BuiltWarehouse
from damages import rows_found

DAMAGES = [
    ("cohorts_add_up", "update marts.cohort_retention set retained_mrr = retained_mrr + 0.01"),
    ("cohorts_add_up", "update marts.cohort_retention set retained_customers = 0"),
    (
        "cohorts_add_up",
        "delete from marts.cohort_retention"
        " where cohort_month = (select min(cohort_month) from marts.cohort_retention)",
    ),
    ("cohorts_add_up", "update marts.ltv_by_cohort set cohort_size = cohort_size + 1"),
    ("cohorts_add_up", "update marts.ltv_by_cohort set paying_customers = paying_customers + 1"),
    ("cohorts_add_up", "update marts.customer_survival set customers_at_risk = 1"),
    (
        "revenue_is_recognised_once",
        "delete from intermediate.int_invoice_lines_recognised_by_month where month_start = ("
        "select min(month_start) from intermediate.int_invoice_lines_recognised_by_month)",
    ),
    (
        "revenue_is_recognised_once",
        "update intermediate.int_invoice_lines_recognised_by_month"
        " set recognised_usd = recognised_usd + 0.01, deferred_usd = deferred_usd - 0.01",
    ),
    ("revenue_is_recognised_once", "update marts.gross_margin_monthly set refunded_usd = 0"),
    (
        "costs_are_counted_once",
        "update marts.gross_margin_monthly set video_cost_usd = video_cost_usd * 2",
    ),
    (
        "costs_are_counted_once",
        "update marts.gross_margin_monthly set platform_cost_usd = platform_cost_usd + 0.000001",
    ),
    ("costs_are_counted_once", "update marts.gross_margin_monthly set payment_cost_usd = 0"),
    (
        "costs_are_counted_once",
        "delete from marts.cac_monthly"
        " where month_start = (select min(month_start) from marts.cac_monthly)",
    ),
    ("costs_of_delivery_are_all_known", "delete from seeds.delivery_costs"),
    (
        "invoices_agree_with_their_lines",
        "update marts.revenue_reconciliation set is_reconciled = false",
    ),
    (
        "margins_follow_their_rules",
        "update marts.gross_margin_monthly set platform_revenue_usd = recognised_revenue_usd + 1",
    ),
    (
        "margins_follow_their_rules",
        "update marts.gross_margin_monthly set cost_of_delivery_usd = null",
    ),
    ("margins_follow_their_rules", "update marts.gross_margin_monthly set gross_margin_rate = 1"),
    ("margins_follow_their_rules", "update marts.gross_margin_monthly set gross_profit_usd = null"),
    (
        "acquisition_costs_follow_their_rules",
        "update marts.cac_monthly set sales_cost_usd = sales_cost_usd + 0.01",
    ),
    ("acquisition_costs_follow_their_rules", "update marts.cac_monthly set new_customers = 0"),
    ("acquisition_costs_follow_their_rules", "update marts.cac_monthly set overall_cac_usd = 0"),
    (
        "retention_follows_its_rules",
        "update marts.cohort_retention set logo_retention_rate = null",
    ),
    (
        "retention_follows_its_rules",
        "update marts.cohort_retention set month_start = month_start + 31",
    ),
    (
        "retention_follows_its_rules",
        "update marts.cohort_retention set retained_customers = cohort_customers + 1",
    ),
    ("survival_follows_its_rules", "update marts.customer_survival set survival_rate = 1.1"),
    (
        "survival_follows_its_rules",
        "update marts.customer_survival set customers_lost = customers_at_risk + 1",
    ),
    ("lifetime_values_follow_their_rules", "update marts.ltv_by_cohort set paying_customers = 0"),
    ("lifetime_values_follow_their_rules", "update marts.ltv_by_cohort set ltv_predictive = 1"),
    (
        "lifetime_values_follow_their_rules",
        "update marts.ltv_by_cohort set expected_lifetime_months = 99",
    ),
    (
        "reconciliation_follows_its_rules",
        "update marts.revenue_reconciliation set open_invoices_amount = open_invoices_amount + 1",
    ),
    (
        "reconciliation_follows_its_rules",
        "update marts.revenue_reconciliation set revenue_difference_amount = 1",
    ),
    (
        "unit_economics_follow_their_rules",
        "update marts.video_unit_economics set storage_cost_usd = null",
    ),
    (
        "unit_economics_follow_their_rules",
        "update marts.video_unit_economics set overhead_cost_usd = overhead_cost_usd + 0.000001",
    ),
    ("mrr_movements_add_up", "update marts.fct_mrr_movements set opening_mrr = opening_mrr + 0.01"),
    ("mrr_movements_add_up", "update marts.mrr_monthly set churned_mrr = churned_mrr + 0.01"),
    (
        "mrr_movements_add_up",
        "update marts.mrr_monthly set reactivation_mrr = reactivation_mrr + 1",
    ),
    (
        "mrr_movements_add_up",
        "delete from marts.fct_mrr_movements where month_start = '2026-05-01'",
    ),
]


@pytest.mark.parametrize("test", sorted({test for test, _ in DAMAGES}))
def test_good_data_passes(damageable: BuiltWarehouse, test: str) -> None:
    assert rows_found(damageable, test) == []


@pytest.mark.parametrize(("test", "damage"), DAMAGES)
def test_bad_data_is_found(damageable: BuiltWarehouse, test: str, damage: str) -> None:
    assert rows_found(damageable, test, damage) != []
