"""Adapters for web frameworks and metrics. Import the module of a framework that is installed."""
