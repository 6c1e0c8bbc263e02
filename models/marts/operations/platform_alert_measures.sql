-- Grain: a rule about the platform and what was measured for it; a rule of which nothing is known
-- has no row. Definitions: models/docs/alerts.md.

with rules as (

    select * from {{ ref('alert_rules') }}

),

errors as (

    select
        logged.occurred_at,
        rules.threshold,
        count(*) over (
            order by logged.occurred_at range between interval '5 minutes' preceding and current row
        ) as errors_within_5m
    from {{ ref('stg_platform__error_logs') }} as logged
    inner join rules
        on rules.rule_name = 'error_rate'
    where
        logged.severity in ('error', 'critical')
        and logged.occurred_at <= {{ as_of() }}
        and logged.occurred_at > {{ as_of() }} - rules.window_minutes * interval '1 minute'

),

error_rate as (

    select
        'error_rate' as rule_name,
        'platform' as subject,
        coalesce(max(errors_within_5m), 0) as measured_value,
        count(*) as basis,
        min(occurred_at) filter (where errors_within_5m > threshold) as since_at,
        'At most ' || coalesce(max(errors_within_5m), 0) || ' errors within five minutes, '
        || count(*) || ' in the last hour.' as evidence
    from errors

),

quota as (

    select
        rules.rule_name,
        buckets.bucket as subject,
        case
            when days.is_quota_exhausted then greatest(days.quota_used_rate, 1)
            else coalesce(days.quota_used_rate, 0)
        end as measured_value,
        coalesce(days.calls, 0) as basis,
        null::timestamptz as since_at,
        coalesce(days.quota_used_units, 0) || ' of ' || buckets.daily_units
        || ' units used since midnight in California.' as evidence
    from {{ ref('youtube_quota_buckets') }} as buckets
    inner join rules
        on rules.rule_name in ('quota_warning', 'quota_critical')
    left join {{ ref('youtube_quota_days') }} as days
        on
            buckets.api_name = days.api_name
            and buckets.bucket = days.bucket
            and days.date_day = {{ pacific_date(as_of()) }}
    where buckets.daily_units is not null

),

generation_failures as (

    select
        'generation_failures' as rule_name,
        'platform' as subject,
        {{ ratio("count(*) filter (where jobs.job_state = 'failed')", 'count(*)') }}
            as measured_value,
        count(*) as basis,
        min(jobs.ended_at) filter (where jobs.job_state = 'failed') as since_at,
        count(*) filter (where jobs.job_state = 'failed') || ' of ' || count(*)
        || ' jobs that ended in the last hour have failed.' as evidence
    from {{ ref('int_generation_jobs_timed') }} as jobs
    inner join rules
        on rules.rule_name = 'generation_failures'
    where jobs.ended_at > {{ as_of() }} - rules.window_minutes * interval '1 minute'

),

video_costs as (

    select
        rules.rule_name,
        'platform' as subject,
        count(*) as measured_value,
        count(*) as basis,
        min(videos.queued_at) as since_at,
        count(*) || ' videos of yesterday and today, the dearest cost '
        || to_char(max(videos.cost_usd), 'FM999,990.00') || ' USD.' as evidence
    from {{ ref('video_cost_alerts') }} as videos
    inner join rules
        on rules.rule_name = 'video_cost_' || videos.cost_alert_level
    where videos.last_cost_date >= {{ utc_date(as_of()) }} - rules.window_minutes / 1440
    group by rules.rule_name

),

together as (

    select * from error_rate
    union all
    select * from quota
    union all
    select * from generation_failures
    union all
    select * from video_costs

),

final as (

    select
        rule_name,
        subject,
        measured_value::numeric(18, 6) as measured_value,
        basis,
        null::timestamptz as clock_from_at,
        since_at,
        evidence
    from together

)

select * from final
