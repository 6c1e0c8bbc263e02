-- Grain: a rule of the daily tier of alerts and what it looks at (its subject). Every rule has a
-- row, whether it fires or not. Definitions: models/docs/alerts.md.

with rules as (

    select * from {{ ref('alert_rules') }}
    where tier = 'daily'

),

measures as (

    select * from {{ ref('figure_alert_measures') }}

),

{{ compare_alerts() }},

{{ judge_alerts() }}

select * from final
