-- A table: a view would be dropped whenever the mart below it is built alone.
{{ config(materialized='table') }}

-- Grain: a channel, a kind of choice (length band, generation method) and a choice that was made in
-- it. Only videos older than a week, so that a new one's few views say nothing.

with videos as (

    select * from {{ ref('video_performance') }}
    where is_settled

),

bands as (

    select
        user_id,
        video_id,
        length_band
    from {{ ref('dim_videos') }}

),

chosen as (

    select
        videos.user_id,
        videos.channel_id,
        videos.views,
        videos.cost_usd,
        'length_band' as choice_kind,
        bands.length_band as choice
    from videos
    inner join bands
        on videos.user_id = bands.user_id and videos.video_id = bands.video_id
    union all
    select
        user_id,
        channel_id,
        views,
        cost_usd,
        'video_cost' as choice_kind,
        generation_method as choice
    from videos

),

measured as (

    select
        user_id,
        channel_id,
        choice_kind,
        choice,
        count(*) as videos,
        (percentile_cont(0.5) within group (order by views))::numeric(18, 2) as median_views,
        avg(cost_usd)::numeric(18, 6) as average_cost_usd
    from chosen
    where choice is not null
    group by user_id, channel_id, choice_kind, choice

)

select * from measured
