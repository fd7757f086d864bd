"""RDS's API, as far as it is there: descriptions, stop, start and reboot, and the switch of the deletion protection."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from local_cloud.database.databases import CLUSTER, INSTANCE, Databases
from local_cloud.database.servers import Server

Response = tuple[int, dict[str, str], bytes]
Handle = Callable[..., Awaitable[Response]]
# The emulator answers these from its records.
_READING: Final = re.compile(r"(Describe|List)\w+")
_IDENTIFIER: Final = {INSTANCE: "DBInstanceIdentifier", CLUSTER: "DBClusterIdentifier"}
_MODIFY: Final = {"ModifyDBInstance": INSTANCE, "ModifyDBCluster": CLUSTER}
_PROTECTION: Final = "DeletionProtection"


class DatabaseApi:
    """Answers some actions itself, leaves those that only read to the emulator, and refuses the others.

    :param others: the emulator's own handler, which would start containers.
    """

    def __init__(self, databases: Databases, others: Handle) -> None:
        self.databases, self.others, self.rds = databases, others, databases.emulator.rds
        self._actions: dict[str, tuple[str, str, str, Callable[[Server], None]]] = {}
        for kind, word in ((INSTANCE, "DBInstance"), (CLUSTER, "DBCluster")):
            self._actions |= {
                f"Stop{word}": (kind, "available", "stopped", Server.end),
                f"Start{word}": (kind, "stopped", "available", Server.start),
                f"Reboot{word}": (kind, "available", "available", Server.restart),
            }

    async def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Response:
        """Answer a request."""
        asked = {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
        action = asked.get("Action", "")
        if action in _MODIFY and asked.keys() - {"Action", "Version", "ApplyImmediately"} == {
            _IDENTIFIER[_MODIFY[action]],
            _PROTECTION,
        }:
            return self._protect(action, asked)
        if action in self._actions:
            # It waits for the server.
            return await asyncio.to_thread(self._act, action, asked)
        if _READING.fullmatch(action):
            return await self.others(method, path, headers, body, query)
        return self._refusal(
            "InvalidParameterCombination",
            f"{action} is not part of the local cloud, where CloudFormation creates, changes and deletes databases",
        )

    def _act(self, action: str, asked: Mapping[str, str]) -> Response:
        kind, wanted, becomes, act = self._actions[action]
        id = asked.get(_IDENTIFIER[kind], "")
        record, server = self.databases.record(kind, id), self.databases.server(kind, id)
        status = "DBInstanceStatus" if kind == INSTANCE else "Status"
        if record is None:
            return self._not_found(kind, id)
        if server is None:
            return self._refusal(
                "InvalidParameterCombination", "aurora-postgresql DB instances are not eligible for stopping/starting."
            )
        if record[status] != wanted:
            fault = "InvalidDBInstanceState" if kind == INSTANCE else "InvalidDBClusterStateFault"
            return self._refusal(fault, f"{id} is in {record[status]} state but expected it to be one of {wanted}.")
        try:
            act(server)
        except (RuntimeError, TimeoutError) as problem:
            return self._refusal("InternalFailure", str(problem), 500)
        record[status] = becomes
        self.databases.moved()
        return self._answer(action, kind, record)

    def _protect(self, action: str, asked: Mapping[str, str]) -> Response:
        kind = _MODIFY[action]
        id = asked[_IDENTIFIER[kind]]
        record = self.databases.record(kind, id)
        if record is None:
            return self._not_found(kind, id)
        record[_PROTECTION] = asked[_PROTECTION] == "true"
        return self._answer(action, kind, record)

    def _not_found(self, kind: str, id: str) -> Response:
        fault = "DBInstanceNotFound" if kind == INSTANCE else "DBClusterNotFoundFault"
        return self._refusal(fault, f"{id} not found.", 404)

    def _answer(self, action: str, kind: str, record: Mapping[str, Any]) -> Response:
        if kind == INSTANCE:
            return self.rds._single_instance_response(f"{action}Response", f"{action}Result", record)  # type: ignore[no-any-return]
        described = self.rds._cluster_xml(record)
        return self.rds._xml(  # type: ignore[no-any-return]
            200, f"{action}Response", f"<{action}Result><DBCluster>{described}</DBCluster></{action}Result>"
        )

    def _refusal(self, code: str, message: str, status: int = 400) -> Response:
        return self.rds._error(code, message, status)  # type: ignore[no-any-return]
