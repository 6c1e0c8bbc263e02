"""Ask the semantic layer: metrics by name, cut by any dimension they have.

catalogue   what can be asked, read from dbt's semantic manifest (no MetricFlow needed)
filters     conditions in plain words of the catalogue, made MetricFlow's
engine      MetricFlow in this process: a question becomes SQL, kept for the next time
asking      a question's answer from the warehouse
showing     the catalogue and answers for a person, as CSV and as JSON
command     `ytempire metrics`
"""
