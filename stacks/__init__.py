"""The stacks of the app, composed of the constructs."""
