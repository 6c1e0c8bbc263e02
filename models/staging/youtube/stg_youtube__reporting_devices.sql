-- Grain: a row of the newest bulk report of a channel's Pacific day: a video, or what belongs to
-- none, on a kind of device and operating system.

with source as (

    select * from {{ source('youtube', 'reporting_device_os') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,
        nullif(payload ->> 'video_id', '') as youtube_video_id,

        -- text
        payload ->> 'device_type' as device_code,
        payload ->> 'operating_system' as operating_system_code,

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
