-- Grain: a UTC day, content type, generation method and component: what the ledger holds, and for
-- each provider the row of what it charged beyond that ('unallocated'). Definitions:
-- models/docs/costs.md.

with entries as (

    select * from {{ ref('int_cost_entries_attributed_to_videos') }}

),

videos as (

    select * from {{ ref('stg_platform__videos') }}

),

components as (

    select * from {{ ref('cost_components') }}

),

ledger_days as (

    select
        entries.cost_date as date_day,
        coalesce(videos.content_type, 'unknown') as content_type,
        coalesce(videos.generation_method, 'unknown') as generation_method,
        entries.component,
        true as is_allocated,
        sum(entries.cost_usd) as cost_usd,
        count(*) as entries,
        count(distinct entries.video_id) as videos
    from entries
    left join videos
        on entries.video_id = videos.video_id
    group by
        entries.cost_date,
        coalesce(videos.content_type, 'unknown'),
        coalesce(videos.generation_method, 'unknown'),
        entries.component

),

unallocated_days as (

    select
        date_day,
        'unallocated' as content_type,
        'unallocated' as generation_method,
        component,
        false as is_allocated,
        unallocated_cost_usd as cost_usd,
        0::bigint as entries,
        0::bigint as videos
    from {{ ref('provider_cost_reconciliation') }}
    where unallocated_cost_usd is not null

),

together as (

    select * from ledger_days
    union all
    select * from unallocated_days

),

final as (

    select
        together.date_day,
        together.content_type,
        together.generation_method,
        together.component,
        coalesce(components.cost_group, 'overhead') as cost_group,
        together.is_allocated,
        together.cost_usd::numeric(18, 6) as cost_usd,
        together.entries,
        together.videos
    from together
    left join components
        on together.component = components.component

)

select * from final
