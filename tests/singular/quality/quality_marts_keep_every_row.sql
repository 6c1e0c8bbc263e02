-- Every comparison, reading, expectation and dimension is counted once: what is found less what is
-- expected is 0 for every identity.

with counts as (

    select
        'the days have every expectation' as identity,
        coalesce(sum(expectations), 0) as amount
    from {{ ref('validation_days') }}

    union all

    select
        'the days have every expectation' as identity,
        -count(*) as amount
    from {{ ref('stg_ops__validation_results') }} as results
    inner join {{ ref('stg_ops__runs') }} as runs
        on results.run_id = runs.run_id
    where runs.run_as_of_at <= {{ as_of() }}

    union all

    select
        'the reconciliation has every view' as identity,
        coalesce(sum(youtube_views), 0) as amount
    from {{ ref('revenue_views_reconciliation') }}

    union all

    select
        'the reconciliation has every view' as identity,
        -coalesce(sum(reports.views), 0) as amount
    from {{ ref('stg_youtube__channel_day_core') }} as reports
    inner join {{ ref('dim_channels') }} as channels
        on reports.youtube_channel_id = channels.youtube_channel_id
    where reports.report_date < {{ pacific_date(as_of()) }}

    union all

    select
        'the reconciliation has every dollar of the videos' as identity,
        coalesce(sum(our_revenue_usd), 0) as amount
    from {{ ref('revenue_views_reconciliation') }}

    union all

    select
        'the reconciliation has every dollar of the videos' as identity,
        -coalesce(sum(reports.revenue_usd), 0) as amount
    from {{ ref('stg_youtube__video_day_revenue') }} as reports
    inner join {{ ref('dim_channels') }} as channels
        on reports.youtube_channel_id = channels.youtube_channel_id
    where reports.report_date < {{ pacific_date(as_of()) }}

    union all

    select
        'the scorecard has every dimension' as identity,
        coalesce(sum(known_dimensions), 0) as amount
    from {{ ref('data_quality_scorecard') }}

    union all

    select
        'the scorecard has every dimension' as identity,
        -count(*) as amount
    from {{ ref('quality_dimension_days') }}

    union all

    select
        'no day is fresh for longer than it is' as identity,
        count(*) as amount
    from {{ ref('int_source_days_freshened') }}
    where fresh_seconds > passed_seconds or fresh_seconds < 0

)

select
    identity,
    sum(amount) as difference
from counts
group by identity
having sum(amount) is distinct from 0
