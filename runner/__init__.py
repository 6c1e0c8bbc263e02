"""The ytempire command."""
