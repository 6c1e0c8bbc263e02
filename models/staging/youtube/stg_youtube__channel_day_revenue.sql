-- Grain: the revenue of a channel on a Pacific day, as last restated.

with source as (

    select * from {{ source('youtube', 'channel_day_revenue') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,

        -- dates
        report_date,

        -- numerics (US dollars; a cpm is dollars a thousand)
        {{ youtube_revenue_metrics() }},

        -- timestamps
        _loaded_at

    from source

)

select * from renamed
