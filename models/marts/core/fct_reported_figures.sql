{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='reported_on',
        on_schema_change='append_new_columns',
        full_refresh=false
    )
}}

-- Grain: a key figure of a period and a day on which it was reported. What was said then stays: a
-- full refresh does not build this table anew, and a build as of an earlier instant adds nothing.
-- The last build of a day is its record, whole. Definitions: models/docs/reported.md.

{#- The platform as a whole is no user: it has the id of nobody. -#}
{%- set platform = "'00000000-0000-0000-0000-000000000000'::uuid" -%}
{%- set month_end = "least((month_start + interval '1 month' - interval '1 day')::date, "
    ~ as_of_date() ~ ')' -%}
{%- set last_month = "(current_month - interval '1 month')::date" -%}
{%- set last_month_end = 'least(current_month - 1, last_report_date)' -%}
{%- set this_month = utc_month(as_of()) -%}
{%- set last_30 = 'last_report_date - 29' -%}
{#- (from, user, metric, period, its first day, its last day, value) -#}
{%- set revenue = 'revenue_usd' -%}
{%- set figures = [
    ('months', platform, 'total_mrr', 'month', 'month_start', month_end, 'total_mrr'),
    ('months', platform, 'paying_users', 'month', 'month_start', month_end, 'paying_users'),
    ('days', platform, revenue, 'day', 'date_day', 'date_day', revenue),
    ('days', platform, 'views', 'day', 'date_day', 'date_day', 'views'),
    ('overview', platform, revenue, '30d', last_30, 'last_report_date', 'revenue_30d_usd'),
    ('overview', platform, revenue, 'month_to_date', this_month, 'last_report_date',
        'revenue_month_to_date_usd'),
    ('progress', 'user_id', revenue, '30d', last_30, 'last_report_date', 'revenue_30d_usd'),
    ('progress', 'user_id', revenue, 'month_to_date', this_month, 'last_report_date',
        'revenue_month_to_date_usd'),
    ('progress', 'user_id', revenue, 'month', last_month, last_month_end,
        'previous_month_revenue_usd'),
] %}

with months as (

    select * from {{ ref('mrr_monthly') }}
    where month_start >= {{ utc_month(as_of()) }} - interval '2 months'

),

days as (

    select * from (
        select
            *,
            max(date_day) over () as last_report_date
        from {{ ref('platform_days') }}
    ) as dated
    where date_day > last_report_date - 60

),

overview as (

    select * from {{ ref('executive_overview') }}

),

progress as (

    select * from {{ ref('user_revenue_progress') }}

),

figures as (

    {% for source, user, metric, period, first_day, last_day, value in figures %}
    select
        {{ user }} as user_id,
        '{{ metric }}' as metric,
        '{{ period }}' as period,
        {{ first_day }} as period_start,
        {{ last_day }} as period_end,
        {{ value }}::numeric(24, 6) as value
    from {{ source }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- A period without a reported day has no figure.
reported as (

    select
        user_id,
        metric,
        period,
        period_start,
        period_end,
        {{ as_of_date() }} as reported_on,
        {{ as_of() }} as reported_at,
        value
    from figures
    where value is not null and period_end >= period_start

)

select reported.*
from reported
where
    true
    {%- if is_incremental() %}
    -- What was reported later stays the last word on its day.
    and reported.reported_at >= (
        select coalesce(max(recorded.reported_at), '-infinity') from {{ this }} as recorded
    )
    {%- endif %}
