"""Measures what a cache in front of a database does, from a client of both, and reports it."""
