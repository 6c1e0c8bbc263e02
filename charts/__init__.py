"""Charts drawn with matplotlib: pictures of figures for whoever needs them.

They know neither Grafana nor a database: the dashboards' preview draws with them, and so can a
report. Every function draws into axes that it is given; nothing touches matplotlib's global state.
"""
