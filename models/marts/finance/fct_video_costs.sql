-- Grain: a video, UTC day of spending and cost component. Definition: the docs block video_cost.

with entries as (

    select * from {{ ref('int_cost_entries_attributed_to_videos') }}
    where video_id is not null

),

components as (

    select * from {{ ref('cost_components') }}

),

summed as (

    select
        user_id,
        video_id,
        cost_date,
        component,
        min(channel_id::text)::uuid as channel_id,
        sum(cost_usd) as cost_usd,
        count(*) as entries
    from entries
    group by user_id, video_id, cost_date, component

),

grouped as (

    select
        summed.user_id,
        summed.video_id,
        summed.cost_date,
        summed.component,
        summed.channel_id,
        coalesce(components.cost_group, 'overhead') as cost_group,
        summed.cost_usd::numeric(18, 6) as cost_usd,
        summed.entries
    from summed
    left join components
        on summed.component = components.component

)

-- A user's rows lie side by side, so that their dashboards read some pages and not all of them.
select * from grouped
order by user_id, video_id, cost_date
