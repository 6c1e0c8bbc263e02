-- Grain: a user and week (Monday to Sunday, UTC) from the user's first call to the as-of week. Time
-- spent is not recorded by the platform: it is that of the sessions of calls to its API.
-- Definitions: models/docs/users.md.

{#- A pause longer than this ends a session; reading after its last call counts a minute. -#}
{%- set pause = "interval '30 minutes'" -%}
{%- set last_look_seconds = 60 %}

with calls as (

    select
        user_id,
        occurred_at
    from {{ ref('stg_platform__api_logs') }}
    where user_id is not null and occurred_at <= {{ as_of() }}

),

marked as (

    select
        *,
        coalesce(
            occurred_at - lag(occurred_at) over (partition by user_id order by occurred_at)
            > {{ pause }},
            true
        )::integer as begins
    from calls

),

numbered as (

    select
        *,
        sum(begins) over (
            partition by user_id order by occurred_at rows unbounded preceding
        ) as session_number
    from marked

),

sessions as (

    select
        user_id,
        session_number,
        min(occurred_at) as started_at,
        count(*) as calls,
        extract(epoch from max(occurred_at) - min(occurred_at)) + {{ last_look_seconds }} as seconds
    from numbered
    group by user_id, session_number

),

weeks as (

    select
        user_id,
        date_trunc('week', started_at at time zone 'utc')::date as week_start,
        count(*) as sessions,
        sum(calls)::bigint as calls,
        sum(seconds) / 3600 as hours_spent
    from sessions
    group by user_id, date_trunc('week', started_at at time zone 'utc')

),

spined as (

    select
        first_weeks.user_id,
        series.week_start::date as week_start
    from (
        select
            user_id,
            min(week_start) as first_week
        from weeks
        group by user_id
    ) as first_weeks
    cross join lateral generate_series(
        first_weeks.first_week::timestamp, {{ as_of_date() }}::timestamp, interval '1 week'
    ) as series (week_start)

),

final as (

    select
        spined.user_id,
        spined.week_start,
        spined.week_start + 7 <= {{ as_of_date() }} as is_complete_week,
        coalesce(weeks.sessions, 0) as sessions,
        coalesce(weeks.calls, 0) as calls,
        coalesce(weeks.hours_spent, 0)::numeric(18, 6) as hours_spent
    from spined
    left join weeks
        on spined.user_id = weeks.user_id and spined.week_start = weeks.week_start

)

select * from final
