-- Reconciliation with staging: views and revenue of a channel and day are YouTube's, to the last
-- digit; no report is dropped, doubled or made up.

with channels as (

    select * from {{ ref('dim_channels') }}

),

core as (

    select * from {{ ref('stg_youtube__channel_day_core') }}
    where report_date < {{ pacific_date(as_of()) }}

),

revenue as (

    select * from {{ ref('stg_youtube__channel_day_revenue') }}
    where report_date < {{ pacific_date(as_of()) }}

),

reported as (

    select
        channels.channel_id,
        figures.report_date,
        sum(figures.views) as views,
        sum(figures.revenue_usd) as revenue_usd
    from (
        select youtube_channel_id, report_date, views, null as revenue_usd from core
        union all
        select youtube_channel_id, report_date, null as views, revenue_usd from revenue
    ) as figures
    inner join channels
        on figures.youtube_channel_id = channels.youtube_channel_id
    group by channels.channel_id, figures.report_date

),

kept as (

    select
        channel_id,
        date_day,
        views,
        revenue_usd
    from {{ ref('fct_channel_days') }}

)

select
    coalesce(reported.channel_id, kept.channel_id) as channel_id,
    coalesce(reported.report_date, kept.date_day) as date_day,
    reported.views as reported_views,
    kept.views as kept_views,
    reported.revenue_usd as reported_revenue_usd,
    kept.revenue_usd as kept_revenue_usd
from reported
full join kept
    on reported.channel_id = kept.channel_id and reported.report_date = kept.date_day
where
    coalesce(reported.views, 0) <> coalesce(kept.views, 0)
    or coalesce(reported.revenue_usd, 0) <> coalesce(kept.revenue_usd, 0)
