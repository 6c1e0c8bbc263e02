-- Grain: a Pacific day with a call to any YouTube API, and bucket of the quota. Definitions:
-- models/docs/operations.md.

with calls as (

    select * from {{ ref('int_api_calls_dated') }}

),

buckets as (

    select * from {{ ref('youtube_quota_buckets') }}

),

summed as (

    select
        quota_date,
        api_name,
        bucket,
        sum(units) as units_used,
        count(*) as calls,
        count(*) filter (where is_error) as errors,
        bool_or(reason in ('quotaExceeded', 'dailyLimitExceeded')) as is_exhausted,
        avg(latency_ms) as average_latency_ms,
        percentile_cont(0.95) within group (order by latency_ms) as p95_latency_ms,
        max(called_at) as last_called_at
    from calls
    group by quota_date, api_name, bucket

),

-- A bucket that was not used still has its whole day; one that is not in the seed is kept.
days as (

    select distinct quota_date from summed

),

expected as (

    select
        days.quota_date,
        buckets.api_name,
        buckets.bucket,
        buckets.daily_units
    from days
    cross join buckets

),

joined as (

    select
        coalesce(summed.quota_date, expected.quota_date) as date_day,
        coalesce(summed.api_name, expected.api_name) as api_name,
        coalesce(summed.bucket, expected.bucket) as bucket,
        expected.daily_units,
        coalesce(summed.units_used, 0) as units_used,
        coalesce(summed.calls, 0) as calls,
        coalesce(summed.errors, 0) as errors,
        coalesce(summed.is_exhausted, false) as is_exhausted,
        summed.average_latency_ms,
        summed.p95_latency_ms,
        summed.last_called_at
    from expected
    full join summed
        on
            expected.quota_date = summed.quota_date
            and expected.api_name = summed.api_name
            and expected.bucket = summed.bucket

),

final as (

    select
        date_day,
        api_name,
        bucket,
        daily_units::bigint as quota_daily_units,
        units_used::bigint as quota_used_units,
        case
            when is_exhausted then 0
            when daily_units is not null then greatest(daily_units - units_used, 0)
        end::bigint as quota_remaining_units,
        {{ ratio('units_used', 'daily_units') }}::numeric(18, 6) as quota_used_rate,
        is_exhausted as is_quota_exhausted,
        calls,
        errors,
        {{ ratio('errors', 'calls') }}::numeric(9, 6) as error_rate,
        average_latency_ms::numeric(18, 4) as average_latency_ms,
        p95_latency_ms::numeric(18, 4) as p95_latency_ms,
        last_called_at
    from joined

)

select * from final
