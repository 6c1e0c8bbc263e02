-- Grain: a UTC hour, every one from the first generation job to the as-of instant. Definitions:
-- models/docs/operations.md.

with jobs as (

    select * from {{ ref('int_generation_jobs_timed') }}

),

hours as (

    select
        generate_series(
            {{ utc_hour('min(created_at)') }}, {{ utc_hour(as_of()) }}, interval '1 hour'
        ) as hour_at
    from jobs

),

-- A job joins the queue when it is created and leaves it when it starts; one that ended without a
-- start leaves it then.
changes as (

    select
        {{ utc_hour('created_at') }} as hour_at,
        1 as waiting,
        0 as running,
        1 as created,
        0 as started,
        0 as succeeded,
        0 as failed,
        null::numeric as wait_minutes
    from jobs

    union all

    select
        {{ utc_hour('started_at') }} as hour_at,
        -1 as waiting,
        1 as running,
        0 as created,
        1 as started,
        0 as succeeded,
        0 as failed,
        extract(epoch from started_at - created_at) / 60 as wait_minutes
    from jobs
    where started_at is not null

    union all

    select
        {{ utc_hour('ended_at') }} as hour_at,
        case when started_at is null then -1 else 0 end as waiting,
        case when started_at is null then 0 else -1 end as running,
        0 as created,
        0 as started,
        case when job_state = 'succeeded' then 1 else 0 end as succeeded,
        case when job_state = 'failed' then 1 else 0 end as failed,
        null::numeric as wait_minutes
    from jobs
    where ended_at is not null

),

changed as (

    select
        hour_at,
        sum(waiting) as waiting,
        sum(running) as running,
        sum(created) as created,
        sum(started) as started,
        sum(succeeded) as succeeded,
        sum(failed) as failed,
        avg(wait_minutes) as average_wait_minutes
    from changes
    group by hour_at

),

worker_time as (

    select
        busy.hour_at,
        sum(
            extract(
                epoch from
                least(coalesce(jobs.ended_at, {{ as_of() }}), busy.hour_at + interval '1 hour')
                - greatest(jobs.started_at, busy.hour_at)
            ) / 60
        ) as worker_minutes
    from jobs
    cross join
        lateral generate_series(
            {{ utc_hour('jobs.started_at') }},
            coalesce(jobs.ended_at, {{ as_of() }}),
            interval '1 hour'
        ) as busy (hour_at)
    where jobs.started_at is not null
    group by busy.hour_at

),

final as (

    select
        hours.hour_at,
        (sum(coalesce(changed.waiting, 0)) over by_hour)::bigint as queue_depth,
        (sum(coalesce(changed.running, 0)) over by_hour)::bigint as running_jobs,
        coalesce(changed.created, 0)::bigint as created_jobs,
        coalesce(changed.started, 0)::bigint as started_jobs,
        coalesce(changed.succeeded, 0)::bigint as succeeded_jobs,
        coalesce(changed.failed, 0)::bigint as failed_jobs,
        changed.average_wait_minutes::numeric(18, 4) as average_wait_minutes,
        coalesce(worker_time.worker_minutes, 0)::numeric(18, 4) as worker_minutes
    from hours
    left join changed
        on hours.hour_at = changed.hour_at
    left join worker_time
        on hours.hour_at = worker_time.hour_at
    window by_hour as (order by hours.hour_at)

)

select * from final
