-- Grain: a user and UTC month, as int_users_expanded_to_billing_months. Recurring revenue in force
-- at the month's end (or the as-of instant). Definition: the docs block mrr.

with months as (

    select * from {{ ref('int_users_expanded_to_billing_months') }}

),

lines as (

    select * from {{ ref('int_invoice_lines_priced_by_month') }}

),

subscribed as (

    select
        months.user_id,
        months.month_start,
        sum(lines.mrr_usd) as base_mrr
    from months
    inner join lines
        on
            months.user_id = lines.user_id
            and months.measured_at > lines.period_starts_at
            and months.measured_at <= lines.in_force_until
    where lines.usage_type = 'licensed'
    group by months.user_id, months.month_start

),

used as (

    select
        months.user_id,
        months.month_start,
        sum(lines.mrr_usd) as overage_mrr
    from months
    inner join lines
        on
            months.user_id = lines.user_id
            and months.month_start::timestamp at time zone 'utc' <= lines.period_ends_at
            and months.measured_at > lines.period_ends_at
    where lines.usage_type = 'metered'
    group by months.user_id, months.month_start

),

joined as (

    select
        months.user_id,
        months.month_start,
        months.is_complete_month,
        subscribed.user_id is not null as has_subscription,
        coalesce(subscribed.base_mrr, 0)::numeric(18, 2) as base_mrr,
        -- Usage of a customer who has left is revenue, but it does not recur.
        case
            when subscribed.user_id is not null then coalesce(used.overage_mrr, 0) else 0
        end::numeric(18, 2) as overage_mrr
    from months
    left join subscribed
        on months.user_id = subscribed.user_id and months.month_start = subscribed.month_start
    left join used
        on months.user_id = used.user_id and months.month_start = used.month_start

)

select * from joined
