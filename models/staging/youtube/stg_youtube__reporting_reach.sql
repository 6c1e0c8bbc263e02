-- Grain: a row of the newest bulk report of a channel's Pacific day: a video, or what belongs to
-- none. YouTube tells click-through rates as fractions in some reports and as percentages in
-- others: a report in which any rate is above 1 is one of percentages. What is then still no
-- fraction of 1 is not known.

with source as (

    select * from {{ source('youtube', 'reporting_reach_basic') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,
        nullif(payload ->> 'video_id', '') as youtube_video_id,

        -- dates
        report_date,

        -- numerics
        line_number,
        (payload ->> 'video_thumbnail_impressions')::bigint as impressions,
        nullif(payload ->> 'video_thumbnail_impressions_ctr', '')::numeric as told_rate,

        -- timestamps
        _loaded_at

    from source

),

compared as (

    select
        *,
        max(told_rate) over (partition by youtube_channel_id, report_date) > 1 as is_percentage
    from renamed

),

rated as (

    select
        *,
        (case when is_percentage then told_rate / 100 else told_rate end)::numeric(18, 8) as rate
    from compared

),

checked as (

    select
        *,
        case when rate between 0 and 1 then rate end as click_through_rate
    from rated

),

clicked as (

    select
        -- ids
        youtube_channel_id,
        youtube_video_id,

        -- dates
        report_date,

        -- numerics
        line_number,
        impressions,
        round(impressions * click_through_rate)::bigint as clicks,
        click_through_rate,

        -- timestamps
        _loaded_at

    from checked

)

select * from clicked
