"""Caches: the servers that run them, and the users that may connect."""
