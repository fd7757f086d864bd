"""The drill of a failover, measured at a client that reads and writes."""
