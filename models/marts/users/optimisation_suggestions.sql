-- Grain: an active channel and a rule that has something to suggest. A rule speaks only where its
-- evidence is in the marts; it stands in the row. Definitions: models/docs/users.md.

with channels as (

    select * from {{ ref('dim_channels') }}
    where is_active

),

rules as (

    select * from {{ ref('suggestion_rules') }}

),

choices as (

    select
        choices.*,
        row_number() over (
            partition by choices.channel_id, choices.choice_kind
            order by choices.videos desc, choices.choice asc
        ) = 1 as is_usual
    from {{ ref('int_channel_choices_measured') }} as choices
    inner join rules
        on choices.choice_kind = rules.rule and choices.videos >= rules.minimum_videos

),

-- Every other choice beside the usual one.
compared as (

    select
        usual.user_id,
        usual.channel_id,
        usual.choice_kind,
        usual.choice as usual_choice,
        usual.videos as usual_videos,
        usual.median_views as usual_median_views,
        usual.average_cost_usd as usual_cost_usd,
        other.choice,
        other.videos,
        other.median_views,
        other.average_cost_usd as cost_usd,
        case
            when usual.choice_kind = 'length_band'
                then {{ ratio('other.median_views', 'usual.median_views') }} - 1
            -- Cheaper is better only where it is not watched less.
            when usual.choice_kind = 'video_cost' and other.median_views >= usual.median_views
                then 1 - {{ ratio('other.average_cost_usd', 'usual.average_cost_usd') }}
        end as gain
    from choices as usual
    inner join choices as other
        on usual.channel_id = other.channel_id and usual.choice_kind = other.choice_kind
    where usual.is_usual and not other.is_usual

),

best as (

    select distinct on (channel_id, choice_kind) * from compared
    where gain is not null
    order by channel_id asc, choice_kind asc, gain desc, choice asc

),

suggested as (

    select
        channel_id,
        choice_kind as rule,
        case choice_kind
            when 'length_band'
                then
                    'Make more videos of ' || replace(choice, '_', ' ') || ': their median is '
                    || round(median_views) || ' views, that of ' || replace(usual_choice, '_', ' ')
                    || ' ' || round(usual_median_views) || '.'
            when 'video_cost'
                then
                    'Use ' || choice || ' instead of ' || usual_choice || ': a video costs '
                    || round(cost_usd, 2) || ' USD instead of ' || round(usual_cost_usd, 2)
                    || ' and is not watched less.'
        end as suggestion,
        case choice_kind when 'length_band' then usual_median_views else usual_cost_usd end
            as measured_value,
        case choice_kind when 'length_band' then median_views else cost_usd end as compared_value,
        usual_videos as videos_measured,
        videos as videos_compared,
        gain
    from best
    union all
    select
        channel_id,
        'click_through' as rule,
        'Try other thumbnails: ' || round(100 * click_through_rate, 1)
        || '% of impressions are clicked, ' || round(100 * niche_click_through_rate, 1)
        || '% on the median of ' || niche_channels || ' channels of the niche.' as suggestion,
        click_through_rate as measured_value,
        niche_click_through_rate as compared_value,
        videos as videos_measured,
        null as videos_compared,
        {{ ratio('niche_click_through_rate', 'click_through_rate') }} - 1 as gain
    from {{ ref('int_channels_clicked') }}
    where niche_channels >= 3
    union all
    select
        channel_id,
        'upload_' || slot_type as rule,
        'Publish ' || case slot_type when 'hour' then 'at ' else 'on ' end || slot
        || ', by the owner''s clock: the median first week there is '
        || round(median_first_week_views) || ' views, '
        || round(100 * (views_to_channel_median_ratio - 1)) || '% above the channel''s.'
            as suggestion,
        {{ ratio('median_first_week_views', 'views_to_channel_median_ratio') }} as measured_value,
        median_first_week_views as compared_value,
        sum(videos) over (partition by channel_id, slot_type) as videos_measured,
        videos as videos_compared,
        case when is_best then views_to_channel_median_ratio - 1 end as gain
    from {{ ref('channel_upload_times') }}

),

final as (

    select
        channels.user_id,
        channels.channel_id,
        suggested.rule,
        channels.channel_name,
        suggested.suggestion,
        suggested.measured_value::numeric(18, 6) as measured_value,
        suggested.compared_value::numeric(18, 6) as compared_value,
        suggested.videos_measured::bigint as videos_measured,
        suggested.videos_compared,
        suggested.gain::numeric(18, 6) as expected_effect_rate
    from suggested
    inner join channels
        on suggested.channel_id = channels.channel_id
    inner join rules
        on suggested.rule = rules.rule
    where
        suggested.gain >= rules.minimum_gain
        and least(suggested.videos_measured, suggested.videos_compared) >= rules.minimum_videos

)

select * from final
