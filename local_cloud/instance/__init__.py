"""Instances as sandboxes: their user data, their network, and their access to AWS."""
