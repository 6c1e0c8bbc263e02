"""OpenAI: what the organisation was charged, by day, project and line item."""
