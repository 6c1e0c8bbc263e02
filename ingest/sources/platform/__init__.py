"""The platform's own database: users, channels, videos, jobs and what they cost."""
