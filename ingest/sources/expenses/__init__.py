"""Expenses that no API tells: CSV files in a directory."""
