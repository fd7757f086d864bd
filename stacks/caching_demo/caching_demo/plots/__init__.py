"""Plots as SVG, drawn with the standard library alone."""
