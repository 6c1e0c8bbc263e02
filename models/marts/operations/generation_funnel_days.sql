-- Grain: a UTC day on which videos were queued, and stage: how many of them came that far by the
-- as-of instant. Definitions: models/docs/operations.md.

with stages as (

    select * from {{ ref('generation_stages') }}

),

videos as (

    select
        video_id,
        {{ utc_date('queued_at') }} as queued_date,
        uploaded_at <= {{ as_of() }} as is_uploaded,
        published_at <= {{ as_of() }} as is_published
    from {{ ref('stg_platform__videos') }}
    where queued_at <= {{ as_of() }}

),

-- Stages follow each other: a stage is over when the job began plus all stages up to it.
job_stages as (

    select
        jobs.video_id,
        stages.funnel_stage,
        stages.stage_position,
        (jobs.stage_timings ->> stages.job_stage)::numeric / 60 as stage_minutes,
        jobs.started_at + interval '1 second' * sum(
            (jobs.stage_timings ->> stages.job_stage)::numeric
        ) over (partition by jobs.job_id order by stages.stage_position) as stage_ended_at
    from {{ ref('int_generation_jobs_timed') }} as jobs
    inner join stages
        on jobs.stage_timings ->> stages.job_stage is not null

),

done_stages as (

    select * from job_stages
    where stage_ended_at <= {{ as_of() }}

),

job_positions as (

    select
        video_id,
        max(stage_position) as stage_position
    from done_stages
    group by video_id

),

-- What is further on has passed the stages before, whatever the books of its jobs say.
positions as (

    select
        videos.video_id,
        videos.queued_date,
        case
            when videos.is_published then published.stage_position
            when videos.is_uploaded then uploaded.stage_position
            else coalesce(job_positions.stage_position, 1)
        end as stage_position
    from videos
    inner join stages as published
        on published.funnel_stage = 'published'
    inner join stages as uploaded
        on uploaded.funnel_stage = 'uploaded'
    left join job_positions
        on videos.video_id = job_positions.video_id

),

stage_times as (

    select
        videos.queued_date,
        done_stages.stage_position,
        avg(done_stages.stage_minutes) as average_stage_minutes
    from done_stages
    inner join videos
        on done_stages.video_id = videos.video_id
    group by videos.queued_date, done_stages.stage_position

),

counted as (

    select
        positions.queued_date as date_day,
        stages.funnel_stage,
        stages.stage_position,
        count(*) as queued_videos,
        count(*) filter (where positions.stage_position >= stages.stage_position) as videos
    from positions
    cross join stages
    group by positions.queued_date, stages.funnel_stage, stages.stage_position

),

rated as (

    select
        counted.date_day,
        counted.funnel_stage,
        counted.stage_position,
        counted.videos,
        {{ ratio('counted.videos', 'counted.queued_videos') }}::numeric(9, 6)
            as share_of_queued_rate,
        {{ ratio('counted.videos', 'lag(counted.videos) over by_stage') }}::numeric(9, 6)
            as share_of_stage_before_rate,
        stage_times.average_stage_minutes::numeric(18, 4) as average_stage_minutes
    from counted
    left join stage_times
        on
            counted.date_day = stage_times.queued_date
            and counted.stage_position = stage_times.stage_position
    window by_stage as (partition by counted.date_day order by counted.stage_position)

)

select * from rated
