"""Alerts: the rules of the seed `alert_rules` as Grafana's provisioning files."""
