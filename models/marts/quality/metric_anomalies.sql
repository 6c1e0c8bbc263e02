-- Grain: a channel, Pacific day and metric (revenue, views, cost), for the last report days, where
-- there is history enough to judge by. Definitions: models/docs/quality.md.

with thresholds as (

    select
        max(threshold) filter (where threshold_name = 'anomaly_robust_z') as z_limit,
        max(threshold) filter (where threshold_name = 'anomaly_judged_days')::integer
            as judged_days
    from {{ ref('quality_thresholds') }}

),

residuals as (

    select * from {{ ref('int_channel_metrics_deseasoned') }}

),

last_day as (

    select max(date_day) as last_date from residuals

),

judged as (

    select residuals.*
    from residuals
    cross join thresholds
    cross join last_day
    where residuals.date_day > last_day.last_date - thresholds.judged_days

),

baselines as (

    select
        judged.user_id,
        judged.channel_id,
        judged.metric_name,
        judged.date_day,
        judged.metric_value,
        judged.weekday_median,
        judged.residual,
        count(*) as baseline_days,
        (percentile_cont(0.5) within group (order by earlier.residual))::numeric(18, 6)
            as median_residual,
        array_agg(earlier.residual) as earlier_residuals
    from judged
    inner join residuals as earlier
        on
            judged.channel_id = earlier.channel_id
            and judged.metric_name = earlier.metric_name
            and judged.date_day > earlier.date_day
            and judged.date_day <= earlier.date_day + 28
    group by
        judged.user_id,
        judged.channel_id,
        judged.metric_name,
        judged.date_day,
        judged.metric_value,
        judged.weekday_median,
        judged.residual
    having count(*) >= 10

),

spread as (

    select
        baselines.*,
        baselines.residual - baselines.median_residual as deviation,
        deviations.median_deviation,
        deviations.mean_deviation
    from baselines
    cross join
        lateral (
            select
                (percentile_cont(0.5) within group (
                    order by abs(earlier_residual - baselines.median_residual)
                ))::numeric(18, 6) as median_deviation,
                avg(abs(earlier_residual - baselines.median_residual))::numeric(18, 6)
                    as mean_deviation
            from unnest(baselines.earlier_residuals) as earlier_residual
        ) as deviations

),

-- More than half of the days alike have a median deviation of 0: then the mean deviation tells the
-- spread. All of them alike: any other figure is an anomaly, however small, and has no score.
scored as (

    select
        *,
        case
            when median_deviation > 0 then deviation / (1.482602 * median_deviation)
            when mean_deviation > 0 then deviation / (1.253314 * mean_deviation)
            when deviation = 0 then 0
        end as robust_z
    from spread

),

final as (

    select
        scored.user_id,
        scored.channel_id,
        scored.date_day,
        scored.metric_name,
        scored.metric_value,
        (scored.weekday_median + scored.median_residual)::numeric(18, 6) as expected_value,
        scored.median_deviation as median_absolute_deviation,
        scored.robust_z::numeric(18, 4) as robust_z,
        coalesce(abs(scored.robust_z) >= thresholds.z_limit, true) as is_anomaly,
        case
            when coalesce(abs(scored.robust_z) < thresholds.z_limit, false) then 'usual'
            when scored.deviation > 0 then 'spike'
            else 'drop'
        end as anomaly_direction,
        scored.baseline_days
    from scored
    cross join thresholds

)

select * from final
