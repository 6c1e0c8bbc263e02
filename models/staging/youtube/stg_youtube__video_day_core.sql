-- Grain: the core metrics of a video on a Pacific day, as last restated.
-- Percentages become fractions of 1.

with source as (

    select * from {{ source('youtube', 'video_day_core') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,
        video_id as youtube_video_id,

        -- dates
        report_date,

        -- numerics
        {{ youtube_core_metrics() }},

        -- timestamps
        _loaded_at

    from source

)

select * from renamed
