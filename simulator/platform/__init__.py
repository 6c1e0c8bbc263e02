"""The platform's operational database."""
