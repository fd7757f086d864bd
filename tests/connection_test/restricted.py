"""Runs the connection test as a user with an access string, with the settings that the template gives to the client."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk

from constructs_lib import Engine, IamUser
from constructs_lib.access.allowed import allowed_to
from tests.cache_servers import PASSWORD, Server
from tests.connection_test import probe

NAME = "tested"


def settings_of(access_string: str) -> dict[str, object]:
    """The settings of the connection test for a user of this access string."""
    stack = cdk.Stack(cdk.App(), "Stack")
    allowed = allowed_to(IamUser(stack, "User", engine=Engine.VALKEY, access_string=access_string))
    assert allowed is not None
    settings: dict[str, object] = {"permissions": list(allowed.commands)}
    if allowed.key_prefix:
        settings["key_prefix"] = allowed.key_prefix
    return settings


def set_user(servers: Sequence[Server], access_string: str) -> None:
    """Give the user this access string on each of the servers."""
    for server in servers:
        admin = server.admin_connection()
        admin.call("ACL", "SETUSER", NAME, "reset", *_words(access_string), f">{PASSWORD}")
        admin.close()


def config_file(folder: Path, access_string: str) -> Path:
    """A configuration file with the settings of the access string."""
    file = folder / "config.json"
    file.write_text(json.dumps(settings_of(access_string)))
    return file


def run(
    servers: Sequence[Server], folder: Path, access_string: str, *words: str, actual: str = "", version: str = "7.0"
) -> probe.Outcome:
    """The test as a user of this access string; the first server is the endpoint.

    :param actual: the access string on the servers, if it differs.
    """
    set_user(servers, actual or access_string)
    options = ["--config", str(config_file(folder, access_string)), *probe.to(*servers), *probe.as_user(NAME)]
    return probe.run(*options, f"--engine-version={version}", *words, password=PASSWORD)


def _words(access_string: str) -> list[str]:
    """The words of ACL SETUSER; a selector is one word."""
    return re.findall(r"\([^)]*\)|\S+", access_string)
