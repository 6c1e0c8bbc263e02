-- Grain: a way to the videos of a channel on a Pacific day, as last restated.

with source as (

    select * from {{ source('youtube', 'channel_day_traffic_source') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,

        -- text
        part as traffic_source,

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
