"""Value objects for props: immutable, and validated when they are created."""
