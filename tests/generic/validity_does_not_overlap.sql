{% test validity_does_not_overlap(model, key, from_column='valid_from', to_column='valid_to') %}

{#-
    For each value of `key`, the validities [from, to) do not overlap, none is empty and only the
    last one may be open (NULL). A missing beginning is a failure.
-#}

with validities as (

    select
        {{ key }} as validity_key,
        {{ from_column }} as valid_from,
        {{ to_column }} as valid_to,
        lead({{ from_column }}) over (
            partition by {{ key }} order by {{ from_column }}
        ) as next_valid_from
    from {{ model }}

)

select *
from validities
where
    validity_key is null
    or valid_from is null
    or valid_from >= valid_to
    or (next_valid_from is not null and (valid_to is null or valid_to > next_valid_from))

{% endtest %}
