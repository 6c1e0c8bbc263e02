{{ config(severity='warn') }}

-- Money of the ledger that no video can be charged with, by channel and component.

select
    channel_id,
    component,
    sum(cost_usd) as cost_usd,
    count(*) as entries
from {{ ref('int_cost_entries_attributed_to_videos') }}
where video_id is null
group by channel_id, component
