-- Reconciliation with staging: what connected channels' video reports say is in fct_video_days
-- once, every point of a known video's curve in video_retention_curves, every tested thumbnail's
-- counts in thumbnail_tests; and the days of a video sum to what video_performance says.

with channels as (

    select * from {{ ref('dim_channels') }}

),

videos as (

    select * from {{ ref('dim_videos') }}

),

published as (

    select * from {{ ref('video_performance') }}

),

days as (

    select * from {{ ref('fct_video_days') }}

),

days_summed as (

    select
        user_id,
        video_id,
        coalesce(sum(views), 0) as views,
        coalesce(sum(revenue_usd), 0) as revenue_usd,
        coalesce(sum(clicks), 0) as clicks
    from days
    group by user_id, video_id

),

core as (

    select * from {{ ref('stg_youtube__video_day_core') }}
    where report_date < {{ pacific_date(as_of()) }}

),

revenue as (

    select * from {{ ref('stg_youtube__video_day_revenue') }}
    where report_date < {{ pacific_date(as_of()) }}

),

curves as (

    select * from {{ ref('stg_youtube__video_retention') }}

),

thumbnails as (

    select
        *,
        count(*) over (partition by video_id) as variants
    from {{ ref('stg_platform__thumbnails') }}
    where created_at <= {{ as_of() }}

),

compared as (

    select
        'views of video days' as what,
        (
            select coalesce(sum(core.views), 0) from core
            inner join channels on core.youtube_channel_id = channels.youtube_channel_id
        ) as staged,
        (select coalesce(sum(views), 0) from days) as kept
    union all
    select
        'revenue of video days' as what,
        (
            select coalesce(sum(revenue.revenue_usd), 0) from revenue
            inner join channels on revenue.youtube_channel_id = channels.youtube_channel_id
        ) as staged,
        (select coalesce(sum(revenue_usd), 0) from days) as kept
    union all
    select
        'points of curves' as what,
        (
            select count(*) from curves
            inner join published on curves.youtube_video_id = published.youtube_video_id
        ) as staged,
        (select count(*) from {{ ref('video_retention_curves') }}) as kept
    union all
    select
        'impressions and clicks of tests' as what,
        (
            select coalesce(sum(thumbnails.impressions + 1000000 * thumbnails.clicks), 0)
            from thumbnails
            inner join videos on thumbnails.video_id = videos.video_id
            where thumbnails.variants > 1
        ) as staged,
        (
            select coalesce(sum(impressions + 1000000 * clicks), 0)
            from {{ ref('thumbnail_tests') }}
        ) as kept
    union all
    select
        'video ' || published.video_id as what,
        coalesce(published.reported_views, 0) + coalesce(published.revenue_usd, 0)
        + coalesce(published.clicks, 0) as staged,
        coalesce(days_summed.views, 0) + coalesce(days_summed.revenue_usd, 0)
        + coalesce(days_summed.clicks, 0) as kept
    from published
    left join days_summed
        on published.user_id = days_summed.user_id and published.video_id = days_summed.video_id

)

select * from compared
where staged is distinct from kept
