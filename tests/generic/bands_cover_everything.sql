{% test bands_cover_everything(model) %}

{#-
    The bands of a seed, ordered by their lower bound, begin and end without a bound, and each
    begins where the one before ends. A NULL bound anywhere else, an overlap, a gap and an empty
    band are failures.
-#}

with bands as (

    select
        lower_bound_usd,
        upper_bound_usd,
        row_number() over (order by lower_bound_usd nulls first) as position,
        count(*) over () as band_count,
        lead(lower_bound_usd) over (order by lower_bound_usd nulls first) as next_lower_bound_usd
    from {{ model }}

)

select *
from bands
where
    (position = 1) is distinct from (lower_bound_usd is null)
    or (position = band_count) is distinct from (upper_bound_usd is null)
    or (position < band_count and upper_bound_usd is distinct from next_lower_bound_usd)
    or lower_bound_usd >= upper_bound_usd

{% endtest %}
