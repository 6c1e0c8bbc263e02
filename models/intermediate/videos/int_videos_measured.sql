-- Grain: a published video, with what follows from YouTube's figures alone; its cost and its place
-- in the niche follow in video_performance. Definitions: models/docs/videos.md.

with videos as (

    select * from {{ ref('dim_videos') }}
    where published_at <= {{ as_of() }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

reports as (

    select * from {{ ref('int_videos_reported') }}

),

placed as (

    select
        videos.*,
        channels.niche,
        channels.is_monetised,
        {{ hours_between('videos.published_at', as_of()) }} as age_hours,
        {{ hours_between('videos.published_at', 'videos.counters_captured_at') }} as counted_hours,
        {{ hours_between(
            'greatest(videos.published_at, ' ~ pacific_midnight('channels.last_report_date') ~ ')',
            pacific_midnight('channels.last_report_date + 1')
        ) }} as latest_day_hours,
        -- What an absent report means: no view, once the day of publication has been reported.
        case
            when {{ pacific_date('videos.published_at') }} <= channels.last_report_date then 0
        end as absent
    from videos
    inner join channels
        on videos.user_id = channels.user_id and videos.channel_id = channels.channel_id

),

filled as (

    select
        placed.*,
        coalesce(reports.views, placed.absent) as reported_views,
        coalesce(reports.latest_day_views, placed.absent) as latest_day_views,
        coalesce(reports.minutes_watched, placed.absent) as minutes_watched,
        {{ ratio('reports.viewed_seconds', 'reports.views') }} as average_view_duration_seconds,
        coalesce(reports.likes, placed.absent) as reported_likes,
        coalesce(reports.comments, placed.absent) as reported_comments,
        coalesce(reports.shares, placed.absent) as shares,
        reports.impressions,
        reports.clicks,
        reports.views_with_revenue,
        case
            when reports.revenue_usd is not null then reports.revenue_usd
            when not placed.is_monetised then 0
            when reports.youtube_video_id is null then placed.absent
        end as revenue_usd
    from placed
    left join reports
        on placed.youtube_video_id = reports.youtube_video_id

),

measured as (

    select
        user_id,
        video_id,
        channel_id,
        youtube_video_id,
        title,
        niche,
        content_type,
        generation_method,
        made_by_platform,
        duration_seconds,
        length_band,
        published_at,
        age_hours::numeric(18, 4) as age_hours,
        age_hours > 168 as is_settled,
        views,
        reported_views,
        case when counted_hours > 0 then views / counted_hours end::numeric(18, 4)
            as views_per_hour,
        latest_day_views,
        case when latest_day_hours > 0 then latest_day_views / latest_day_hours end::numeric(18, 4)
            as view_velocity_per_hour,
        reported_likes as likes,
        reported_comments as comments,
        shares,
        {{ ratio('reported_likes + reported_comments + shares', 'reported_views') }}::numeric(18, 8)
            as engagement_rate,
        {{ ratio('reported_likes + 2 * reported_comments + 3 * shares', 'reported_views') }}
        ::numeric(18, 8) as weighted_engagement_score,
        {{ ratio('shares * 1000', 'reported_views') }}::numeric(18, 6) as shares_per_1000_views,
        impressions,
        clicks,
        {{ ratio('clicks', 'impressions') }}::numeric(18, 8) as click_through_rate,
        (minutes_watched / 60.0)::numeric(18, 6) as watch_hours,
        average_view_duration_seconds::numeric(18, 4) as average_view_duration_seconds,
        {{ ratio('average_view_duration_seconds', 'duration_seconds') }}::numeric(18, 8)
            as retention_rate,
        revenue_usd::numeric(18, 6) as revenue_usd,
        {{ ratio('revenue_usd * 1000', 'views_with_revenue') }}::numeric(18, 6) as rpm
    from filled

)

select * from measured
