-- Grain: one row, the platform as it stands at the as-of instant. Every figure is read from the
-- model that defines it. Definitions: models/docs/executive.md.

with months as (

    select * from {{ ref('mrr_monthly') }}

),

days as (

    select
        *,
        max(date_day) over () as last_report_date
    from {{ ref('platform_days') }}

),

published_videos as (

    select
        *,
        {{ utc_date('published_at') }} as published_date
    from {{ ref('video_performance') }}

),

users as (

    select count(*) filter (where is_active) as active_users
    from {{ ref('dim_users') }}

),

channels as (

    select count(*) filter (where is_active) as active_channels
    from {{ ref('dim_channels') }}

),

reported as (

    select
        max(last_report_date) as last_report_date,
        coalesce(
            sum(revenue_usd) filter (where date_day > last_report_date - 30), 0
        ) as revenue_30d_usd,
        coalesce(sum(cost_usd) filter (where date_day > last_report_date - 30), 0) as cost_30d_usd,
        coalesce(
            sum(revenue_usd) filter (where date_day >= {{ utc_month(as_of()) }}), 0
        ) as revenue_month_to_date_usd
    from days

),

spent as (

    select sum(cost_usd) as cost_usd
    from {{ ref('fct_video_costs') }}
    where cost_date > {{ as_of_date() }} - 30

),

published as (

    select
        count(*) filter (where published_date = {{ as_of_date() }}) as videos_today,
        count(*) filter (where published_date > {{ as_of_date() }} - 7) as videos_7d,
        -- The cost of a video that the platform did not make is not known.
        count(cost_usd) filter (where published_date > {{ as_of_date() }} - 30) as costed_videos,
        count(cost_usd) filter (
            where published_date > {{ as_of_date() }} - 30 and not is_above_cost_target
        ) as videos_at_target_cost
    from published_videos

),

loaded as (

    select max(committed_at) as last_loaded_at
    from {{ ref('stg_ops__batches') }}

),

current_month as (

    select * from months
    where month_start = {{ utc_month(as_of()) }}

),

last_month as (

    select mrr_growth_rate from months
    where month_start = ({{ utc_month(as_of()) }} - interval '1 month')::date

),

final as (

    select
        {{ as_of() }} as as_of,
        coalesce(current_month.total_mrr, 0)::numeric(18, 2) as total_mrr,
        coalesce(current_month.base_mrr, 0)::numeric(18, 2) as base_mrr,
        coalesce(current_month.overage_mrr, 0)::numeric(18, 2) as overage_mrr,
        current_month.mrr_growth_rate,
        last_month.mrr_growth_rate as last_month_mrr_growth_rate,
        users.active_users,
        coalesce(current_month.paying_users, 0) as paying_users,
        channels.active_channels,
        published.videos_today,
        published.videos_7d,
        reported.revenue_30d_usd::numeric(18, 6) as revenue_30d_usd,
        reported.revenue_month_to_date_usd::numeric(18, 6) as revenue_month_to_date_usd,
        reported.cost_30d_usd::numeric(18, 6) as cost_30d_usd,
        {{ ratio('spent.cost_usd', 'published.costed_videos') }}::numeric(18, 6)
            as average_cost_per_video_30d_usd,
        {{ ratio('published.videos_at_target_cost', 'published.costed_videos') }}::numeric(18, 6)
            as share_of_videos_at_target_cost_30d,
        reported.last_report_date,
        loaded.last_loaded_at
    from users
    cross join channels
    cross join reported
    cross join spent
    cross join published
    cross join loaded
    left join current_month on true
    left join last_month on true

)

select * from final
