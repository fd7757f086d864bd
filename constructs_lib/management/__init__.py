"""Alarms, dashboards, events, scaling and rotation of a cache that runs."""
