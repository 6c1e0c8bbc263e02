-- A table: a view would be dropped whenever the mart below it is built alone.
{{ config(materialized='table') }}

-- Grain: a channel whose thumbnails were seen in the last 30 report days. How often they were
-- clicked, beside the median of the channels of its niche.

with channels as (

    select * from {{ ref('channel_health_scores') }}
    where click_through_rate is not null

),

periods as (

    select * from {{ ref('fct_channel_periods') }}
    where period_days = 30

),

niches as (

    select
        niche,
        count(*) as niche_channels,
        (percentile_cont(0.5) within group (order by click_through_rate))::numeric(18, 8)
            as niche_click_through_rate
    from channels
    group by niche

),

joined as (

    select
        channels.user_id,
        channels.channel_id,
        channels.niche,
        periods.videos_published as videos,
        channels.click_through_rate,
        niches.niche_channels,
        niches.niche_click_through_rate
    from channels
    inner join periods
        on channels.user_id = periods.user_id and channels.channel_id = periods.channel_id
    inner join niches
        on channels.niche = niches.niche

)

select * from joined
