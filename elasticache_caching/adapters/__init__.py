"""Adapters for web frameworks and metrics; each module needs its framework, and is imported on its own."""
