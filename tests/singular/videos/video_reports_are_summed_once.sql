-- Reconciliation with staging: the two sums over report days of videos, by video and by channel and
-- day, are both the sum of all rows of connected channels.

with channels as (

    select * from {{ ref('dim_channels') }}

),

core_days as (

    select * from {{ ref('stg_youtube__video_day_core') }}
    where report_date < {{ pacific_date(as_of()) }}

),

revenue_days as (

    select * from {{ ref('stg_youtube__video_day_revenue') }}
    where report_date < {{ pacific_date(as_of()) }}

),

core as (

    select coalesce(sum(core_days.views), 0) as views
    from core_days
    inner join channels
        on core_days.youtube_channel_id = channels.youtube_channel_id

),

revenue as (

    select coalesce(sum(revenue_days.revenue_usd), 0) as revenue_usd
    from revenue_days
    inner join channels
        on revenue_days.youtube_channel_id = channels.youtube_channel_id

),

summed as (

    select
        'int_videos_reported' as model,
        coalesce(sum(views), 0) as views,
        coalesce(sum(revenue_usd), 0) as revenue_usd
    from {{ ref('int_videos_reported') }}
    union all
    select
        'int_video_days_summed_to_channel_days' as model,
        coalesce(sum(views), 0) as views,
        coalesce(sum(revenue_usd), 0) as revenue_usd
    from {{ ref('int_video_days_summed_to_channel_days') }}

)

select
    summed.*,
    core.views as staged_views,
    revenue.revenue_usd as staged_revenue_usd
from summed
cross join core
cross join revenue
where
    summed.views is distinct from core.views
    or summed.revenue_usd is distinct from revenue.revenue_usd
