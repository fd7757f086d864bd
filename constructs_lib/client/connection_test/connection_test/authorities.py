"""The certificate authorities of RDS, which are not in the system's certificate store."""

from __future__ import annotations

import functools
import json
import pkgutil
from typing import Any, cast


@functools.lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The file, from the folder or the zip that this package is in."""
    data = pkgutil.get_data(__package__ or "connection_test", "rds_authorities.json")
    return cast("dict[str, Any]", json.loads(data or b"{}"))


def of_region(region: str) -> str:
    """The roots of a region in PEM form; empty if the file has none."""
    return "".join(_pem(certificates) for certificates in document()["regions"].get(region, {}).values())


def _pem(text: str) -> str:
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
