"""ElevenLabs: what the workspace used, by day and product."""
