"""From typed rows to tables."""
