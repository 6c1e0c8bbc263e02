-- Grain: a video whose thumbnails are tested, and thumbnail: its counters and how it does against
-- the best of the others. Definitions: models/docs/videos.md.

with videos as (

    select * from {{ ref('dim_videos') }}

),

thumbnails as (

    select * from {{ ref('stg_platform__thumbnails') }}
    where created_at <= {{ as_of() }}

),

levels as (

    select * from {{ ref('thumbnail_test_levels') }}

),

minimums as (

    select minimum_count from {{ ref('minimum_samples') }}
    where sample = 'thumbnail_clicks'

),

variants as (

    select
        videos.user_id,
        videos.video_id,
        thumbnails.variant,
        videos.channel_id,
        thumbnails.thumbnail_id,
        thumbnails.impressions,
        thumbnails.clicks,
        thumbnails.is_active,
        thumbnails.created_at,
        thumbnails.updated_at as counted_at,
        {{ ratio('thumbnails.clicks', 'thumbnails.impressions') }} as click_through_rate,
        count(*) over test as variants,
        count(*) filter (where thumbnails.is_active) over test = 1 as is_over
    from thumbnails
    inner join videos
        on thumbnails.video_id = videos.video_id
    window test as (partition by videos.user_id, videos.video_id)

),

-- One variant alone is no test. The rival is the best of the others, of equals the better known.
paired as (

    select
        variants.*,
        others.variant as rival_variant,
        others.impressions as rival_impressions,
        others.clicks as rival_clicks,
        others.click_through_rate as rival_rate,
        row_number() over (
            partition by variants.user_id, variants.thumbnail_id
            order by
                others.click_through_rate desc nulls last,
                others.impressions desc,
                others.variant asc,
                others.thumbnail_id asc
        ) as rival_place
    from variants
    inner join variants as others
        on
            variants.user_id = others.user_id
            and variants.video_id = others.video_id
            and variants.thumbnail_id <> others.thumbnail_id

),

compared as (

    select
        *,
        {{ ratio('clicks + rival_clicks', 'impressions + rival_impressions') }} as pooled_rate,
        {{ ratio('1', 'impressions') }} + {{ ratio('1', 'rival_impressions') }}
            as inverse_impressions,
        least(
            clicks, impressions - clicks, rival_clicks, rival_impressions - rival_clicks
        ) as least_count
    from paired
    where rival_place = 1

),

tested as (

    select
        *,
        case
            when pooled_rate > 0 and pooled_rate < 1
                then
                    (click_through_rate - rival_rate)
                    / sqrt(pooled_rate * (1 - pooled_rate) * inverse_impressions)
        end as z_score
    from compared

),

final as (

    select
        tested.user_id,
        tested.video_id,
        tested.thumbnail_id,
        tested.channel_id,
        tested.variant,
        tested.variants,
        tested.impressions,
        tested.clicks,
        tested.click_through_rate::numeric(18, 8) as click_through_rate,
        tested.rival_variant,
        ({{ ratio('tested.click_through_rate', 'tested.rival_rate') }} - 1)::numeric(18, 6)
            as click_through_lift,
        tested.z_score::numeric(18, 6) as z_score,
        levels.critical_z_score,
        case
            when tested.least_count >= minimums.minimum_count
                then abs(tested.z_score) >= levels.critical_z_score
        end as is_significant,
        coalesce(tested.click_through_rate > tested.rival_rate, false) as is_winner,
        tested.is_over,
        tested.is_active,
        tested.created_at,
        tested.counted_at
    from tested
    cross join minimums
    left join levels
        on tested.variants = levels.variants

)

select * from final
