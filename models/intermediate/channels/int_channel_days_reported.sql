-- Grain: a channel (YouTube's id) and Pacific day that YouTube has reported by the as-of instant.
-- Core and revenue come from two reports: either may be there without the other.

{{ config(materialized='table') }}

with core as (

    select * from {{ ref('stg_youtube__channel_day_core') }}
    where report_date < {{ pacific_date(as_of()) }}

),

revenue as (

    select * from {{ ref('stg_youtube__channel_day_revenue') }}
    where report_date < {{ pacific_date(as_of()) }}

),

joined as (

    select
        coalesce(core.youtube_channel_id, revenue.youtube_channel_id) as youtube_channel_id,
        coalesce(core.report_date, revenue.report_date) as report_date,
        core.youtube_channel_id is not null as has_core_report,
        revenue.youtube_channel_id is not null as has_revenue_report,
        core.views,
        core.engaged_views,
        core.minutes_watched,
        core.average_view_percentage,
        core.likes,
        core.dislikes,
        core.comments,
        core.shares,
        core.subscribers_gained,
        core.subscribers_lost,
        revenue.revenue_usd,
        revenue.ad_revenue_usd
    from core
    full join revenue
        on
            core.youtube_channel_id = revenue.youtube_channel_id
            and core.report_date = revenue.report_date

)

select * from joined
