"""The gate between extraction and build: expectations on what was landed."""
