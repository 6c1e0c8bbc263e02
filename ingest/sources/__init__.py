"""One package a source."""
