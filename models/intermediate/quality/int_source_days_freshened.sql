-- Grain: a source and UTC day since it was first read: how much of the day that has passed by the
-- as-of instant its data were as fresh as promised.

with readings as (

    select * from {{ ref('int_sources_read') }}

),

days as (

    select
        sources.source_name,
        sources.first_read_at,
        day_at::date as date_day,
        day_at at time zone 'utc' as day_start_at,
        (day_at + interval '1 day') at time zone 'utc' as day_end_at
    from (
        select
            source_name,
            min(read_at) as first_read_at
        from readings
        group by source_name
    ) as sources
    cross join
        lateral generate_series(
            {{ utc_date('sources.first_read_at') }}::timestamp,
            {{ as_of_date() }}::timestamp,
            interval '1 day'
        ) as day_at

),

measured as (

    select
        days.source_name,
        days.date_day,
        extract(
            epoch from least(min(days.day_end_at), {{ as_of() }})
            - greatest(min(days.day_start_at), min(days.first_read_at))
        )::numeric(18, 3) as passed_seconds,
        coalesce(
            sum(
                extract(
                    epoch from least(readings.fresh_until_at, days.day_end_at)
                    - greatest(readings.read_at, days.day_start_at)
                )
            ),
            0
        )::numeric(18, 3) as fresh_seconds
    from days
    left join readings
        on
            days.source_name = readings.source_name
            and days.day_end_at > readings.read_at
            and days.day_start_at < readings.fresh_until_at
    group by days.source_name, days.date_day

)

select * from measured
