"""How long the dashboards' queries take: many clients at once, as the roles that Grafana has.

`questions` collects what each dashboard asks, `logins` makes sure that there are roles to ask as,
`clients` asks and takes the time, `latencies` sums it up, `row_security` holds a tenant's queries
against the same ones with the user named in them.
"""
