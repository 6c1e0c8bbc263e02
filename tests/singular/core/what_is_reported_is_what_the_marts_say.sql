-- Reconciliation: what this build has reported is what the days and months say at the same instant,
-- summed on another way, and every kind of figure is there.

select
    'differs' as problem,
    user_id,
    metric,
    period,
    period_start
from {{ ref('figure_restatements') }}
where
    last_reported_at = {{ as_of() }}
    and known_now_value <> last_reported_value

union all

select
    'is not recorded' as problem,
    progress.user_id,
    'revenue_usd' as metric,
    '30d' as period,
    progress.last_report_date - 29 as period_start
from {{ ref('user_revenue_progress') }} as progress
left join {{ ref('fct_reported_figures') }} as reported
    on
        progress.user_id = reported.user_id
        and reported.metric = 'revenue_usd'
        and reported.period = '30d'
        and progress.last_report_date = reported.period_end
where progress.revenue_30d_usd is not null and reported.user_id is null
