-- A table: a view would be dropped whenever the mart below it is built alone.
{{ config(materialized='table') }}

-- Grain: a channel with impressions. How often its thumbnails are clicked, beside the median of the
-- channels of its niche.

with videos as (

    select * from {{ ref('video_performance') }}

),

channels as (

    select
        user_id,
        channel_id,
        niche,
        count(*) as videos,
        sum(impressions)::bigint as impressions,
        {{ ratio('sum(clicks)', 'sum(impressions)') }} as click_through_rate
    from videos
    where impressions > 0
    group by user_id, channel_id, niche

),

niches as (

    select
        niche,
        count(*) as niche_channels,
        (percentile_cont(0.5) within group (order by click_through_rate))::numeric
            as niche_click_through_rate
    from channels
    group by niche

),

joined as (

    select
        channels.user_id,
        channels.channel_id,
        channels.niche,
        channels.videos,
        channels.impressions,
        channels.click_through_rate::numeric(18, 8) as click_through_rate,
        niches.niche_channels,
        niches.niche_click_through_rate::numeric(18, 8) as niche_click_through_rate
    from channels
    inner join niches
        on channels.niche = niches.niche

)

select * from joined
