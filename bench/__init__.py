"""Measurements for the figures in the README: `python -m bench`. A figure is a ratio or a median from one run."""
