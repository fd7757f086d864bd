"""Checks a given database token by its parameters."""

from __future__ import annotations

import datetime
from typing import Optional
from urllib.parse import parse_qs

from connection_test import sigv4


def mismatch_of(token: str, *, host: str, port: int, user: str, region: str) -> Optional[tuple[str, str, str]]:
    """The code, the cause and the next action for a token of another database; None if the token fits."""
    again = f"make one for {user} at {host}:{port} in {region}: aws rds generate-db-auth-token"
    address, _, text = token.partition("/?")
    query = {name: values[0] for name, values in parse_qs(text).items()}
    if "X-Amz-Signature" not in query:
        return (
            "password-in-place-of-token",
            f"a password was sent for {user}, whose role takes IAM tokens alone",
            f"leave DATABASE_PASSWORD out, so that this test signs a token itself, or {again}",
        )
    signed_for = query.get("DBUser", "")
    if signed_for != user:
        return (
            "token-for-another-user",
            f"the token is for another user than {user}",
            f"{again}, or connect as the user of the token",
        )
    scope = query.get("X-Amz-Credential", "").split("/")
    if address != f"{host}:{port}" or scope[2:4] != [region, "rds-db"]:
        return "token-for-another-database", f"the token is for another endpoint, port or region than {host}", again
    if _expired(query):
        return "token-expired", f"the token for {user} is older than {sigv4.TOKEN_SECONDS} s", again
    return None


def _expired(query: dict[str, str]) -> bool:
    try:
        signed = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
        seconds = int(query["X-Amz-Expires"])
    except (KeyError, ValueError):
        return False
    age = (sigv4.now() - signed.replace(tzinfo=datetime.timezone.utc)).total_seconds()
    return age > seconds
