"""Advice on node size, Valkey, reserved nodes and serverless, with the figures behind it."""
