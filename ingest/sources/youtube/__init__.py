"""YouTube: public counters and metadata (Data API v3), owners' reports (Analytics API v2)."""
