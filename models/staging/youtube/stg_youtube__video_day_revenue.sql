-- Grain: the revenue of a video on a Pacific day, as last restated.

with source as (

    select * from {{ source('youtube', 'video_day_revenue') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,
        video_id as youtube_video_id,

        -- dates
        report_date,

        -- numerics (US dollars; a cpm is dollars a thousand)
        {{ youtube_revenue_metrics() }},

        -- timestamps
        _loaded_at

    from source

)

select * from renamed
