-- Grain: a channel (YouTube's id), Pacific day and video, or none where YouTube names none: how
-- often thumbnails were shown and clicked, from the newest bulk report. Rows whose rate is not
-- known count neither their impressions nor their clicks.

{{ config(materialized='table') }}

with reach as (

    select * from {{ ref('stg_youtube__reporting_reach') }}
    where report_date < {{ pacific_date(as_of()) }} and clicks is not null

),

summed as (

    select
        youtube_channel_id,
        report_date,
        youtube_video_id,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks,
        max(_loaded_at) as loaded_at
    from reach
    group by youtube_channel_id, report_date, youtube_video_id

)

select * from summed
