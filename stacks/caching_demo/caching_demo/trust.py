"""Which authorities the database's certificate may come from."""

from __future__ import annotations

import importlib.resources
import ssl


def context() -> ssl.SSLContext:
    """The system's authorities, and RDS's own where the connection test brings them; the name is checked."""
    made = ssl.create_default_context()
    for entry in importlib.resources.files("connection_test").iterdir():
        if entry.name.endswith(".pem"):
            made.load_verify_locations(cadata=entry.read_text(encoding="ascii"))
    return made
