-- Grain: an age group and gender among the viewers of a channel in a month.
-- Percentages become fractions of 1.

with source as (

    select * from {{ source('youtube', 'channel_month_demographics') }}

),

renamed as (

    select
        -- ids
        channel_id as youtube_channel_id,

        -- text
        payload ->> 'ageGroup' as age_group,
        payload ->> 'gender' as gender,

        -- dates
        report_month as month_start,

        -- numerics
        ((payload ->> 'viewerPercentage')::numeric / 100)::numeric(12, 8) as viewer_ratio,

        -- timestamps
        _loaded_at

    from source

)

select * from renamed
