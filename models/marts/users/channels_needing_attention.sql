-- Grain: an active channel and a reason to look at it. Thresholds are the seed attention_rules;
-- every row names its figures. Definitions: models/docs/users.md.

{%- set number = "'FM999,999,999,990'" -%}
{%- set money = "'FM999,999,990.00'" -%}
{%- set percent = "'FM999,990'" %}

with channels as (

    select
        *,
        last_report_date - first_report_date + 1 as days_reported
    from {{ ref('dim_channels') }}
    where is_active

),

performance as (

    select
        *,
        {{ ratio('cost_30d_usd', 'videos_30d') }} as cost_per_video_30d_usd,
        {{ ratio('revenue_30d_usd', 'monthly_revenue_target_usd') }} as target_rate_30d,
        max(last_report_date) over () - last_report_date as days_without_reports
    from {{ ref('channel_performance') }}

),

upkeep as (

    select
        *,
        {{ ratio('jobs_failed_7d', 'jobs_ended_7d') }} as failed_share_7d
    from {{ ref('int_channel_upkeep_measured') }}

),

health as (

    select * from {{ ref('channel_health_scores') }}

),

rules as (

    select * from {{ ref('attention_rules') }}

),

-- One row a channel and reason, whether it holds or not.
measured as (

    select
        channels.user_id,
        channels.channel_id,
        channels.channel_name,
        channels.last_report_date,
        measure.*
    from channels
    inner join performance
        on channels.user_id = performance.user_id and channels.channel_id = performance.channel_id
    inner join upkeep
        on channels.user_id = upkeep.user_id and channels.channel_id = upkeep.channel_id
    left join health
        on channels.user_id = health.user_id and channels.channel_id = health.channel_id
    cross join lateral (
        values
        (
            'views_falling', performance.views_growth_7d, performance.views_previous_7d,
            'Views fell by ' || to_char(-100 * performance.views_growth_7d, {{ percent }})
            || '%: ' || to_char(performance.views_7d, {{ number }})
            || ' in the last 7 report days, '
            || to_char(performance.views_previous_7d, {{ number }}) || ' in the 7 before.'
        ),
        (
            'subscribers_lost', performance.subscribers_net_28d, 0,
            to_char(-performance.subscribers_net_28d, {{ number }})
            || ' more subscribers left than came in the last 28 report days.'
        ),
        (
            'no_upload', upkeep.days_since_upload, 0,
            'No video was published for ' || upkeep.days_since_upload || ' days.'
        ),
        (
            'generation_failing', upkeep.failed_share_7d, upkeep.jobs_ended_7d,
            upkeep.jobs_failed_7d || ' of ' || upkeep.jobs_ended_7d
            || ' generation jobs failed in the last 7 days.'
        ),
        (
            'cost_above_target', performance.cost_per_video_30d_usd, performance.videos_30d,
            'A video cost ' || to_char(performance.cost_per_video_30d_usd, {{ money }})
            || ' USD on average: ' || to_char(performance.cost_30d_usd, {{ money }}) || ' USD for '
            || performance.videos_30d || ' videos in the last 30 report days.'
        ),
        (
            'revenue_below_target', performance.target_rate_30d, channels.days_reported,
            'The last 30 report days earned ' || to_char(performance.revenue_30d_usd, {{ money }})
            || ' USD of a target of '
            || to_char(performance.monthly_revenue_target_usd, {{ money }}) || ' USD a month.'
        ),
        (
            'health_low', health.channel_health_score, health.compared_channels,
            'The health score is ' || round(health.channel_health_score) || ' of 100, among '
            || health.compared_channels || ' channels of the niche.'
        ),
        (
            'unprofitable', performance.profit_30d_usd, channels.days_reported,
            'The last 30 report days earned ' || to_char(performance.revenue_30d_usd, {{ money }})
            || ' USD and cost ' || to_char(performance.cost_30d_usd, {{ money }}) || ' USD.'
        ),
        (
            'reports_missing', performance.days_without_reports, 0,
            'YouTube has reported nothing since ' || performance.last_report_date || ', other '
            || 'channels ' || performance.days_without_reports || ' days longer.'
        )
    ) as measure (reason, measured_value, basis, evidence)

),

flagged as (

    select
        measured.user_id,
        measured.channel_id,
        measured.reason,
        measured.channel_name,
        rules.severity,
        measured.measured_value::numeric(18, 6) as measured_value,
        rules.threshold,
        measured.evidence,
        measured.last_report_date
    from measured
    inner join rules
        on measured.reason = rules.reason
    where
        measured.basis >= rules.minimum_basis
        and (
            rules.comparison = 'below' and measured.measured_value < rules.threshold
            or rules.comparison = 'above' and measured.measured_value > rules.threshold
        )

)

select * from flagged
