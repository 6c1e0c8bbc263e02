-- Every job, video, call and error of staging is in the operations marts once, and parts are the
-- whole: what is found less what is expected is 0 for every identity.

with counts as (

    select
        'days have every job' as identity,
        coalesce(sum(jobs), 0) as amount
    from {{ ref('generation_days') }}

    union all

    select
        'days have every job' as identity,
        -count(*) as amount
    from {{ ref('stg_platform__video_generation_jobs') }}
    where created_at <= {{ as_of() }}

    union all

    select
        'methods are the days in ' || figures.figure as identity,
        figures.amount
    from {{ ref('generation_method_days') }} as days
    cross join
        lateral (
            values
            ('jobs', days.jobs),
            ('succeeded jobs', days.succeeded_jobs),
            ('failed jobs', days.failed_jobs),
            ('videos', days.videos),
            ('generated videos', days.generated_videos)
        ) as figures (figure, amount)

    union all

    select
        'methods are the days in ' || figures.figure as identity,
        -figures.amount as amount
    from {{ ref('generation_days') }} as days
    cross join
        lateral (
            values
            ('jobs', days.jobs),
            ('succeeded jobs', days.succeeded_jobs),
            ('failed jobs', days.failed_jobs),
            ('videos', days.videos),
            ('generated videos', days.generated_videos)
        ) as figures (figure, amount)

    union all

    select
        'the funnel begins with every video' as identity,
        coalesce(sum(videos), 0) as amount
    from {{ ref('generation_funnel_days') }}
    where stage_position = 1

    union all

    select
        'the funnel begins with every video' as identity,
        -count(*) as amount
    from {{ ref('stg_platform__videos') }}
    where queued_at <= {{ as_of() }}

    union all

    select
        'endpoints have every call' as identity,
        coalesce(sum(calls), 0) as amount
    from {{ ref('api_endpoint_hours') }}
    where service = 'platform'

    union all

    select
        'endpoints have every call' as identity,
        -count(*) as amount
    from {{ ref('stg_platform__api_logs') }}
    where occurred_at <= {{ as_of() }}

    union all

    select
        'quota has every unit' as identity,
        coalesce(sum(quota_used_units), 0) as amount
    from {{ ref('youtube_quota_days') }}

    union all

    select
        'quota has every unit' as identity,
        -coalesce(sum(calls.units), 0) as amount
    from {{ ref('stg_ops__api_calls') }} as calls
    left join {{ ref('stg_ops__runs') }} as runs
        on calls.run_id = runs.run_id
    where coalesce(runs.run_as_of_at, calls.called_at) <= {{ as_of() }}

    union all

    select
        'the queue ends with who waits' as identity,
        coalesce(sum(created_jobs - started_jobs), 0) as amount
    from {{ ref('queue_hours') }}

    union all

    select
        'the queue ends with who waits' as identity,
        -count(*) filter (where started_at is null) as amount
    from {{ ref('int_generation_jobs_timed') }}

    union all

    select
        'hours have every error' as identity,
        coalesce(sum(logged_errors), 0) as amount
    from {{ ref('platform_error_hours') }}

    union all

    select
        'hours have every error' as identity,
        -count(*) as amount
    from {{ ref('stg_platform__error_logs') }}
    where occurred_at <= {{ as_of() }}

)

select
    identity,
    sum(amount) as difference
from counts
group by identity
having sum(amount) is distinct from 0
