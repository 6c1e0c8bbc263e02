-- Grain: a UTC day of publication and cost group: what the day's videos cost, against the target
-- of 3.00 US dollars by group. Definitions: models/docs/costs.md.

with cost_groups as (

    select * from {{ ref('cost_groups') }}

),

videos as (

    select
        user_id,
        video_id,
        {{ utc_date('published_at') }} as date_day
    from {{ ref('video_performance') }}
    where cost_usd is not null

),

days as (

    select
        date_day,
        count(*) as videos
    from videos
    group by date_day

),

costs as (

    select
        videos.date_day,
        costs.cost_group,
        sum(costs.cost_usd) as cost_usd
    from {{ ref('fct_video_costs') }} as costs
    inner join videos
        on costs.user_id = videos.user_id and costs.video_id = videos.video_id
    group by videos.date_day, costs.cost_group

),

joined as (

    select
        days.date_day,
        cost_groups.cost_group,
        days.videos,
        coalesce(costs.cost_usd, 0) as cost_usd,
        sum(coalesce(costs.cost_usd, 0)) over (partition by days.date_day) as day_cost_usd,
        cost_groups.target_cost_per_video_usd,
        cost_groups.target_share
    from days
    cross join cost_groups
    left join costs
        on days.date_day = costs.date_day and cost_groups.cost_group = costs.cost_group

),

final as (

    select
        date_day,
        cost_group,
        videos,
        cost_usd::numeric(18, 6) as cost_usd,
        {{ ratio('cost_usd', 'videos') }}::numeric(18, 6) as cost_group_per_video_usd,
        target_cost_per_video_usd::numeric(18, 6) as target_cost_per_video_usd,
        {{ ratio('cost_usd', 'day_cost_usd') }}::numeric(9, 6) as cost_group_share_rate,
        target_share::numeric(9, 6) as target_share_rate
    from joined

)

select * from final
