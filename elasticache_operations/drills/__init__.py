"""Drills: changes of a running cache that are measured."""
