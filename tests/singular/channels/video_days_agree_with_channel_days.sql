-- Reconciliation of two reports of YouTube's: the days of a channel's videos against the channel's
-- own day. They may differ, because a deleted video stays in the channel's figures, but not by more
-- than 1%; a difference of that size calls for a look at the extraction of video days.

{{ config(severity='warn') }}

with channel_days as (

    select * from {{ ref('int_channel_days_reported') }}

),

video_days as (

    select * from {{ ref('int_video_days_summed_to_channel_days') }}

),

compared as (

    select
        coalesce(channel_days.youtube_channel_id, video_days.youtube_channel_id)
            as youtube_channel_id,
        coalesce(channel_days.report_date, video_days.report_date) as report_date,
        coalesce(channel_days.views, 0) as channel_views,
        coalesce(video_days.views, 0) as video_views,
        coalesce(channel_days.revenue_usd, 0) as channel_revenue_usd,
        coalesce(video_days.revenue_usd, 0) as video_revenue_usd
    from channel_days
    full join video_days
        on
            channel_days.youtube_channel_id = video_days.youtube_channel_id
            and channel_days.report_date = video_days.report_date

)

select * from compared
where
    abs(channel_views - video_views) > 0.01 * channel_views
    or abs(channel_revenue_usd - video_revenue_usd) > 0.01 * channel_revenue_usd
