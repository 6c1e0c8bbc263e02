-- Grain: a niche, over all users: how many views its videos older than a week have. With fewer than
-- 5 such videos nothing can be said, and nothing is.

with videos as (

    select * from {{ ref('dim_videos') }}
    where published_at < {{ as_of() }} - interval '7 days' and views is not null

),

channels as (

    select * from {{ ref('dim_channels') }}

),

ranked as (

    select
        channels.niche,
        count(*) as benchmark_videos,
        percentile_cont(array[0.25, 0.5, 0.75, 0.9]) within group (
            order by videos.views
        ) as percentiles
    from videos
    inner join channels
        on videos.user_id = channels.user_id and videos.channel_id = channels.channel_id
    group by channels.niche

),

final as (

    select
        niche,
        benchmark_videos,
        case when benchmark_videos >= 5 then percentiles[1] end::numeric(18, 2) as views_p25,
        case when benchmark_videos >= 5 then percentiles[2] end::numeric(18, 2) as views_p50,
        case when benchmark_videos >= 5 then percentiles[3] end::numeric(18, 2) as views_p75,
        case when benchmark_videos >= 5 then percentiles[4] end::numeric(18, 2) as views_p90
    from ranked

)

select * from final
