"""Timelines of what was recorded: interruptions of a watch, and the steps of a drill."""
