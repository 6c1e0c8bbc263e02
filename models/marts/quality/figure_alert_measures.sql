-- Grain: a rule about figures and what was measured for it; a rule of which nothing is known has no
-- row. Definitions: models/docs/alerts.md.

-- The last day of which the revenue of every reported user is whole.
with revenue_day as (

    select
        days.date_day,
        count(*) as users,
        sum(days.revenue_usd) as revenue_usd,
        sum(users.target_revenue_usd) / 30 as target_usd
    from {{ ref('fct_user_days') }} as days
    inner join {{ ref('dim_users') }} as users
        on days.user_id = users.user_id
    where days.is_known and users.is_active
    group by days.date_day
    having not bool_or(days.has_missing_revenue)
    order by days.date_day desc
    limit 1

),

revenue_target_miss as (

    select
        'revenue_target_miss' as rule_name,
        'platform' as subject,
        {{ ratio('revenue_usd', 'target_usd') }} as measured_value,
        users as basis,
        null::timestamptz as clock_from_at,
        {{ pacific_midnight('date_day') }} as since_at,
        to_char(revenue_usd, 'FM999,999,990.00') || ' USD on ' || date_day || ', the target of '
        || users || ' users is ' || to_char(target_usd, 'FM999,999,990.00') || ' USD a day.'
            as evidence
    from revenue_day

),

-- Reports older than a week are no longer restated, those of channels and of videos must agree.
reconciliation as (

    select
        'reconciliation' as rule_name,
        pairs.subject,
        {{ ratio('sum(abs(pairs.difference))', 'sum(pairs.youtube)') }} as measured_value,
        count(*) as basis,
        null::timestamptz as clock_from_at,
        min({{ pacific_midnight('days.date_day') }}) filter (where not pairs.is_reconciled)
            as since_at,
        count(*) filter (where not pairs.is_reconciled) || ' of ' || count(*)
        || ' days of channels differ by 1% or more, four weeks back.' as evidence
    from {{ ref('revenue_views_reconciliation') }} as days
    cross join
        lateral (
            values
            ('views', days.views_difference, days.youtube_views, days.is_views_reconciled),
            (
                'revenue',
                days.revenue_difference_usd,
                days.youtube_revenue_usd,
                days.is_revenue_reconciled
            )
        ) as pairs (subject, difference, youtube, is_reconciled)
    where
        days.is_views_final
        and days.date_day >= {{ pacific_date(as_of()) }} - 35
        and pairs.is_reconciled is not null
    group by pairs.subject

),

completeness as (

    select distinct on (source_name, stream_name)
        'completeness' as rule_name,
        source_name || '.' || stream_name as subject,
        completeness_rate as measured_value,
        expected_channels as basis,
        null::timestamptz as clock_from_at,
        {{ pacific_midnight('date_day') }} as since_at,
        present_channels || ' of ' || expected_channels || ' channels on ' || date_day || '.'
            as evidence
    from {{ ref('completeness_days') }}
    order by source_name asc, stream_name asc, date_day desc

),

judged as (

    select
        *,
        max(date_day) over (partition by metric_name) as last_date
    from {{ ref('metric_anomalies') }}

),

anomaly as (

    select
        'anomaly' as rule_name,
        metric_name as subject,
        {{ ratio('count(*) filter (where is_anomaly)', 'count(*)') }} as measured_value,
        count(*) as basis,
        null::timestamptz as clock_from_at,
        min({{ pacific_midnight('date_day') }}) as since_at,
        count(*) filter (where is_anomaly and anomaly_direction = 'spike') || ' spikes and '
        || count(*) filter (where is_anomaly and anomaly_direction = 'drop') || ' drops among '
        || count(*) || ' channels on ' || min(date_day) || '.' as evidence
    from judged
    where date_day = last_date
    group by metric_name

),

together as (

    select * from revenue_target_miss
    union all
    select * from reconciliation
    union all
    select * from completeness
    union all
    select * from anomaly

),

final as (

    select
        rule_name,
        subject,
        measured_value::numeric(18, 6) as measured_value,
        basis,
        clock_from_at,
        since_at,
        evidence
    from together

)

select * from final
