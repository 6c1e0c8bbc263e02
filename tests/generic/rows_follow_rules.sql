{% test rows_follow_rules(model, key, rules) %}

{#-
    Every row follows every rule: `rules` gives each a name and an expression over the model's
    columns, which must be true. NULL is a failure: a rule that may not apply has to say so. One
    test for all rules of a model; it returns the key of the row (`key`, a list of columns) and the
    name of the broken rule.
-#}

select
    {{ key | join(', ') }},
    rule.broken_rule
from {{ model }}
cross join lateral (
    values
    {%- for name, expression in rules.items() %}
        ('{{ name }}', ({{ expression }})){{ ',' if not loop.last }}
    {%- endfor %}
) as rule (broken_rule, is_followed)
where rule.is_followed is not true

{% endtest %}
