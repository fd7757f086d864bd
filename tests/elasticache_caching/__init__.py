"""The package elasticache_caching, against real servers on loopback."""
