-- Grain: a UTC day, content type, generation method and component: what the ledger holds, and for
-- each provider the row of what it charged beyond that ('unallocated'). Definitions:
-- models/docs/costs.md.

with video_costs as (

    select * from {{ ref('fct_video_costs') }}

),

videos as (

    select * from {{ ref('stg_platform__videos') }}

),

components as (

    select * from {{ ref('cost_components') }}

),

video_days as (

    select
        video_costs.cost_date as date_day,
        coalesce(videos.content_type, 'unknown') as content_type,
        coalesce(videos.generation_method, 'unknown') as generation_method,
        video_costs.component,
        sum(video_costs.cost_usd) as cost_usd,
        sum(video_costs.entries) as entries,
        count(distinct video_costs.video_id) as videos
    from video_costs
    left join videos
        on video_costs.video_id = videos.video_id
    group by
        video_costs.cost_date,
        coalesce(videos.content_type, 'unknown'),
        coalesce(videos.generation_method, 'unknown'),
        video_costs.component

),

ledger_totals as (

    select
        {{ utc_date('hour_at') }} as date_day,
        component,
        sum(cost_usd) as cost_usd,
        sum(entries) as entries
    from {{ ref('provider_usage_hours') }}
    group by {{ utc_date('hour_at') }}, component

),

video_totals as (

    select
        date_day,
        component,
        sum(cost_usd) as cost_usd,
        sum(entries) as entries
    from video_days
    group by date_day, component

),

-- What the ledger holds beyond the costs of videos belongs to none.
days_without_video as (

    select
        ledger_totals.date_day,
        'unknown' as content_type,
        'unknown' as generation_method,
        ledger_totals.component,
        ledger_totals.cost_usd - coalesce(video_totals.cost_usd, 0) as cost_usd,
        ledger_totals.entries - coalesce(video_totals.entries, 0) as entries,
        0::bigint as videos
    from ledger_totals
    left join video_totals
        on
            ledger_totals.date_day = video_totals.date_day
            and ledger_totals.component = video_totals.component
    where ledger_totals.entries > coalesce(video_totals.entries, 0)

),

unallocated_days as (

    select
        date_day,
        'unallocated' as content_type,
        'unallocated' as generation_method,
        component,
        unallocated_cost_usd as cost_usd,
        0::bigint as entries,
        0::bigint as videos
    from {{ ref('provider_cost_reconciliation') }}
    where unallocated_cost_usd is not null

),

together as (

    select * from video_days
    union all
    select * from days_without_video
    union all
    select * from unallocated_days

),

final as (

    select
        together.date_day,
        together.content_type,
        together.generation_method,
        together.component,
        coalesce(min(components.cost_group), 'overhead') as cost_group,
        together.content_type <> 'unallocated' as is_allocated,
        sum(together.cost_usd)::numeric(18, 6) as cost_usd,
        sum(together.entries)::bigint as entries,
        sum(together.videos)::bigint as videos
    from together
    left join components
        on together.component = components.component
    group by
        together.date_day,
        together.content_type,
        together.generation_method,
        together.component

)

select * from final
