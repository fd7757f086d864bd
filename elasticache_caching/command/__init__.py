"""The command `elasticache-caching`, which the library does not import."""
