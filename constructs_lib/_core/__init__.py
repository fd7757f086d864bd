"""Internals that all constructs share: property checks, names, cached jsii calls, acknowledged findings."""
