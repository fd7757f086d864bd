"""Capacity: from items, sizes and operations to memory, nodes, shards and serverless."""
