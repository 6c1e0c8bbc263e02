-- Grain: an entry of the call ledger up to the as-of instant, with the video it was spent on. An
-- entry without a video belongs to the video of its job; `video_id` is NULL where neither is known.

with ledger as (

    select * from {{ ref('stg_platform__cost_ledger') }}
    where occurred_at <= {{ as_of() }}

),

jobs as (

    select * from {{ ref('stg_platform__video_generation_jobs') }}
    where video_id is not null

),

attributed as (

    select
        ledger.entry_id,
        ledger.user_id,
        ledger.channel_id,
        coalesce(ledger.video_id, jobs.video_id) as video_id,
        ledger.component,
        ledger.cost_usd,
        {{ utc_date('ledger.occurred_at') }} as cost_date
    from ledger
    left join jobs
        on ledger.job_id = jobs.job_id and ledger.video_id is null

)

select * from attributed
