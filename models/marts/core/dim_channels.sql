-- Grain: a channel that a user connected to the platform. What YouTube says of it goes before what
-- the platform says; counters are the newest public ones.

with channels as (

    select * from {{ ref('stg_platform__channels') }}
    where connected_at <= {{ as_of() }}

),

youtube_channels as (

    select * from {{ ref('stg_youtube__channels') }}

),

counters as (

    select * from {{ ref('int_channels_counted') }}

),

reports as (

    select * from {{ ref('int_channels_reported') }}

),

joined as (

    select
        channels.user_id,
        channels.channel_id,
        channels.youtube_channel_id,
        coalesce(youtube_channels.channel_title, channels.channel_name) as channel_name,
        coalesce(youtube_channels.channel_handle, channels.channel_handle) as channel_handle,
        channels.niche,
        channels.status,
        channels.status = 'active' as is_active,
        channels.tier,
        coalesce(reports.is_monetised, false) as is_monetised,
        channels.connected_at,
        youtube_channels.published_at as youtube_created_at,
        counters.subscribers,
        counters.has_hidden_subscribers,
        counters.views as lifetime_views,
        counters.videos as public_videos,
        counters.captured_at as counters_captured_at,
        channels.monthly_revenue_target_usd::numeric(18, 6) as monthly_revenue_target_usd,
        reports.first_report_date,
        reports.last_report_date
    from channels
    left join youtube_channels
        on channels.youtube_channel_id = youtube_channels.youtube_channel_id
    left join counters
        on channels.youtube_channel_id = counters.youtube_channel_id
    left join reports
        on channels.youtube_channel_id = reports.youtube_channel_id

)

select * from joined
