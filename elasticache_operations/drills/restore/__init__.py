"""`elasticache drill restore`: restores a snapshot into a temporary cache, compares the data, and deletes the cache."""
