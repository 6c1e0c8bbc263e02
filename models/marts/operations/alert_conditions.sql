-- Grain: a rule of the hot tier of alerts and what it looks at (its subject). Every rule has a row,
-- whether it fires or not. Definitions: models/docs/alerts.md.

with rules as (

    select * from {{ ref('alert_rules') }}
    where tier = 'hot'

),

measures as (

    select * from {{ ref('platform_alert_measures') }}
    union all
    select * from {{ ref('pipeline_alert_measures') }}

),

{{ compare_alerts() }},

{{ judge_alerts() }}

select * from final
