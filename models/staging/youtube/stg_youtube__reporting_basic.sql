-- Grain: a row of the newest bulk report of a channel's Pacific day: a video in a country, or what
-- belongs to no video.

with source as (

    select * from {{ source('youtube', 'reporting_basic') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,
        nullif(payload ->> 'video_id', '') as youtube_video_id,

        -- text
        payload ->> 'country_code' as country_code,

        -- dates
        report_date,

        -- numerics
        line_number,
        (payload ->> 'views')::bigint as views,
        nullif(payload ->> 'watch_time_minutes', '')::numeric as minutes_watched,

        -- timestamps
        _loaded_at

    from source

)

select * from renamed
