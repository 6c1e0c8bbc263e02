-- Grain: a type of device in the audience of a channel on a Pacific day, as last restated.

with source as (

    select * from {{ source('youtube', 'channel_day_device') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,

        -- text
        part as device_type,

        -- dates
        report_date,

        -- numerics
        (payload ->> 'views')::bigint as views,
        (payload ->> 'estimatedMinutesWatched')::bigint as minutes_watched,

        -- timestamps
        _loaded_at

    from source

)

select * from renamed
