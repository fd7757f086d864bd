"""The state of caches: health, metrics of two weeks, end of support and pending updates."""
