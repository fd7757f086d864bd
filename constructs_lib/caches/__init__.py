"""Caches (node-based, serverless, Global Datastore, Outposts), parameter groups, snapshots and metrics."""
