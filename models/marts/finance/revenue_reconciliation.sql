-- Grain: a UTC month of invoicing and a currency: the totals of Stripe's invoices against the lines
-- that revenue is recognised from. Definition: the docs block revenue_difference_amount.

with invoices as (

    select
        {{ utc_month('created_at') }} as month_start,
        currency,
        count(*) filter (where status in ('paid', 'open')) as invoices,
        sum(total_before_tax_usd) filter (where status in ('paid', 'open')) as invoiced_amount,
        sum(total_before_tax_usd) filter (where status = 'paid') as paid_invoices_amount,
        sum(total_before_tax_usd) filter (where status = 'open') as open_invoices_amount,
        sum(total_before_tax_usd) filter (where status = 'uncollectible') as uncollectible_amount,
        sum(total_before_tax_usd) filter (where status = 'void') as void_amount,
        sum(total_before_tax_usd) filter (where status = 'draft') as draft_amount,
        sum(credit_notes_usd) filter (where status in ('paid', 'open')) as credit_notes_amount,
        sum(amount_paid_usd) as collected_amount
    from {{ ref('stg_stripe__invoices') }}
    where created_at < {{ as_of() }}
    group by {{ utc_month('created_at') }}, currency

),

refunds as (

    select
        {{ utc_month('created_at') }} as month_start,
        currency,
        sum(refunded_usd) as refunded_amount
    from {{ ref('stg_stripe__refunds') }}
    where status = 'succeeded' and created_at < {{ as_of() }}
    group by {{ utc_month('created_at') }}, currency

),

ledger as (

    select
        {{ utc_month('invoiced_at') }} as month_start,
        currency,
        sum(recognised_usd) as recognised_amount,
        sum(deferred_usd) as deferred_amount
    from {{ ref('int_invoice_lines_recognised_by_month') }}
    group by {{ utc_month('invoiced_at') }}, currency

),

joined as (

    select
        coalesce(invoices.month_start, refunds.month_start, ledger.month_start) as month_start,
        coalesce(invoices.currency, refunds.currency, ledger.currency, 'unknown') as currency,
        coalesce(invoices.invoices, 0) as invoices,
        coalesce(invoices.invoiced_amount, 0) as invoiced_amount,
        coalesce(invoices.paid_invoices_amount, 0) as paid_invoices_amount,
        coalesce(invoices.open_invoices_amount, 0) as open_invoices_amount,
        coalesce(invoices.uncollectible_amount, 0) as uncollectible_amount,
        coalesce(invoices.void_amount, 0) as void_amount,
        coalesce(invoices.draft_amount, 0) as draft_amount,
        coalesce(invoices.credit_notes_amount, 0) as credit_notes_amount,
        coalesce(invoices.collected_amount, 0) as collected_amount,
        coalesce(refunds.refunded_amount, 0) as refunded_amount,
        coalesce(ledger.recognised_amount, 0) as recognised_amount,
        coalesce(ledger.deferred_amount, 0) as deferred_amount
    from invoices
    full join refunds
        on
            invoices.month_start = refunds.month_start
            and invoices.currency = refunds.currency
    full join ledger
        on
            coalesce(invoices.month_start, refunds.month_start) = ledger.month_start
            and coalesce(invoices.currency, refunds.currency) = ledger.currency

),

compared as (

    select
        month_start,
        currency,
        invoices,
        invoiced_amount::numeric(18, 2) as invoiced_amount,
        paid_invoices_amount::numeric(18, 2) as paid_invoices_amount,
        open_invoices_amount::numeric(18, 2) as open_invoices_amount,
        uncollectible_amount::numeric(18, 2) as uncollectible_amount,
        void_amount::numeric(18, 2) as void_amount,
        draft_amount::numeric(18, 2) as draft_amount,
        credit_notes_amount::numeric(18, 2) as credit_notes_amount,
        collected_amount::numeric(18, 2) as collected_amount,
        refunded_amount::numeric(18, 2) as refunded_amount,
        (collected_amount - refunded_amount)::numeric(18, 2) as net_collected_amount,
        recognised_amount::numeric(18, 2) as recognised_amount,
        deferred_amount::numeric(18, 2) as deferred_amount,
        (recognised_amount + deferred_amount)::numeric(18, 2) as ledger_amount,
        (invoiced_amount - recognised_amount - deferred_amount)::numeric(18, 2)
            as revenue_difference_amount,
        {{ ratio(
            'abs(invoiced_amount - recognised_amount - deferred_amount)', 'abs(invoiced_amount)'
        ) }}::numeric(18, 6) as revenue_difference_rate,
        invoiced_amount = recognised_amount + deferred_amount as is_reconciled
    from joined

)

select * from compared
