"""Commands before and after a deploy of Amazon ElastiCache."""
