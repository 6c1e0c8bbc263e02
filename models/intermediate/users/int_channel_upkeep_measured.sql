-- A table: a view would be dropped whenever the mart below it is built alone.
{{ config(materialized='table') }}

-- Grain: a channel. What the platform does for it: days since the last publication, and how the
-- generation jobs of the last seven days ended.

with channels as (

    select * from {{ ref('dim_channels') }}

),

published as (

    select
        channel_id,
        max(published_at) as last_published_at
    from {{ ref('dim_videos') }}
    where published_at <= {{ as_of() }}
    group by channel_id

),

jobs as (

    select
        channel_id,
        count(*) filter (where status in ('completed', 'failed')) as jobs_ended_7d,
        count(*) filter (where status = 'failed') as jobs_failed_7d
    from {{ ref('stg_platform__video_generation_jobs') }}
    where
        coalesce(failed_at, completed_at) > {{ as_of() }} - interval '7 days'
        and coalesce(failed_at, completed_at) <= {{ as_of() }}
    group by channel_id

),

joined as (

    select
        channels.user_id,
        channels.channel_id,
        published.last_published_at,
        -- A channel without any video waits since it was connected.
        {{ as_of_date() }} - {{ utc_date(
            'coalesce(published.last_published_at, channels.connected_at)'
        ) }} as days_since_upload,
        coalesce(jobs.jobs_ended_7d, 0) as jobs_ended_7d,
        coalesce(jobs.jobs_failed_7d, 0) as jobs_failed_7d
    from channels
    left join published
        on channels.channel_id = published.channel_id
    left join jobs
        on channels.channel_id = jobs.channel_id

)

select * from joined
