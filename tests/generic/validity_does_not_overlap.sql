{% test validity_does_not_overlap(model, key) %}

{#-
    For each value of `key`, the validities [valid_from, valid_to) do not overlap, none is empty and
    only the last one may be open. A missing `valid_from` is a failure.
-#}

with validities as (

    select
        {{ key }},
        valid_from,
        valid_to,
        lead(valid_from) over (partition by {{ key }} order by valid_from) as next_valid_from
    from {{ model }}

)

select *
from validities
where
    {{ key }} is null
    or valid_from is null
    or valid_from >= valid_to
    or (next_valid_from is not null and (valid_to is null or valid_to > next_valid_from))

{% endtest %}
