"""Alarms, dashboards, events, auto scaling and credential rotation for caches."""
