"""Caches as servers: what they are made of, and who may connect to them."""
