-- Grain: a channel. The platform's own score, 0 to 100: the channel's percentile ranks within its
-- niche, weighted, over what is known of its last 30 report days. Its components stand beside it
-- and add up to it. Definition: models/docs/channels.md.

{%- set components = {
    'engagement': 'engagement_rate',
    'retention': 'retention_rate',
    'click_through': 'click_through_rate',
    'roi': 'roi',
} %}

with channels as (

    select * from {{ ref('dim_channels') }}

),

periods as (

    select * from {{ ref('fct_channel_periods') }}
    where period_days = 30

),

weights as (

    select * from {{ ref('health_score_weights') }}

),

minimums as (

    select minimum_count from {{ ref('minimum_samples') }}
    where sample = 'niche_channels'

),

figures as (

    select
        channels.user_id,
        channels.channel_id,
        channels.niche,
        figure.component,
        figure.figure
    from channels
    inner join periods
        on channels.user_id = periods.user_id and channels.channel_id = periods.channel_id
    cross join lateral (
        values
        {% for component, figure in components.items() %}
        ('{{ component }}', periods.{{ figure }}){{ ',' if not loop.last }}
        {% endfor %}
    ) as figure (component, figure)

),

-- Channels that are level share the middle of their places: all of them level is 0.5 for all.
ranked as (

    select
        user_id,
        channel_id,
        niche,
        component,
        figure,
        count(*) over compared as compared_channels,
        rank() over (partition by niche, component order by figure) - 1
        + (count(*) over (partition by niche, component, figure) - 1) / 2.0 as place
    from figures
    where figure is not null
    window compared as (partition by niche, component)

),

placed as (

    select
        ranked.*,
        weights.weight,
        {{ ratio('ranked.place', 'ranked.compared_channels - 1') }} as percentile
    from ranked
    inner join weights
        on ranked.component = weights.component
    inner join minimums
        on ranked.compared_channels >= minimums.minimum_count

),

weighted as (

    select
        *,
        100 * percentile * weight
        / sum(weight) over (partition by user_id, channel_id) as points
    from placed

),

pivoted as (

    select
        user_id,
        channel_id,
        {% for component in components %}
        max(percentile) filter (where component = '{{ component }}') as {{ component }}_percentile,
        max(points) filter (where component = '{{ component }}') as {{ component }}_points,
        {% endfor %}
        sum(weight) as known_weight,
        sum(points) as channel_health_score,
        max(compared_channels) as compared_channels
    from weighted
    group by user_id, channel_id

),

final as (

    select
        periods.user_id,
        periods.channel_id,
        channels.niche,
        pivoted.channel_health_score::numeric(9, 6) as channel_health_score,
        coalesce(pivoted.known_weight, 0)::numeric(9, 6) as known_weight,
        coalesce(pivoted.compared_channels, 0) as compared_channels,
        {% for component, figure in components.items() %}
        periods.{{ figure }},
        pivoted.{{ component }}_percentile::numeric(9, 8) as {{ component }}_percentile,
        pivoted.{{ component }}_points::numeric(9, 6) as {{ component }}_points,
        {% endfor %}
        periods.period_end as last_report_date
    from periods
    inner join channels
        on periods.user_id = channels.user_id and periods.channel_id = channels.channel_id
    left join pivoted
        on periods.user_id = pivoted.user_id and periods.channel_id = pivoted.channel_id

)

select * from final
