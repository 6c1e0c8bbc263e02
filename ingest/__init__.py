"""Extract from the sources and land in the raw schemas, exactly once."""
