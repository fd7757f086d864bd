"""The drill of a rotation of a password or an AUTH token."""
