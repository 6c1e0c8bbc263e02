"""Costs that no API tells: CSV files and workbooks in a directory."""
