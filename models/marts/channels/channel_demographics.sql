-- Grain: a channel, month of reports, age group and gender. YouTube tells who watched in fractions
-- of the signed-in viewers, never in numbers. Definitions: models/docs/audience.md.

with channels as (

    select * from {{ ref('dim_channels') }}

),

demographics as (

    select * from {{ ref('stg_youtube__channel_month_demographics') }}
    where month_start <= {{ pacific_date(as_of()) }}

),

joined as (

    select
        channels.user_id,
        channels.channel_id,
        demographics.month_start,
        demographics.age_group,
        demographics.gender,
        demographics.viewer_ratio
    from demographics
    inner join channels
        on demographics.youtube_channel_id = channels.youtube_channel_id

)

select * from joined
