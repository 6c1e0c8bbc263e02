{% test one_row_per(model, columns) %}

{#-
    No two rows have the same values in `columns`, and none of these is NULL. For models without
    a primary key that the database enforces.
-#}

select
    {{ columns | join(', ') }},
    count(*) as rows_found
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 {%- for column in columns %} or {{ column }} is null {%- endfor %}

{% endtest %}
