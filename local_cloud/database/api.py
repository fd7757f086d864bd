"""The part of the RDS API that is available: describe, stop, start, reboot, and the change of deletion protection."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from local_cloud.database.databases import CLUSTER, INSTANCE, Databases
from local_cloud.database.servers import Server

Response = tuple[int, dict[str, str], bytes]
Handle = Callable[..., Awaitable[Response]]
# The emulator answers these actions from its records.
_READING: Final = re.compile(r"(Describe|List)\w+")
_IDENTIFIER: Final = {INSTANCE: "DBInstanceIdentifier", CLUSTER: "DBClusterIdentifier"}
_MODIFY: Final = {"ModifyDBInstance": INSTANCE, "ModifyDBCluster": CLUSTER}
_PROTECTION: Final = "DeletionProtection"


class DatabaseApi:
    """Handles some actions, forwards those that only read to the emulator, and refuses the others.

    :param emulator_handler: the handler of the emulator, which starts containers for databases.
    """

    def __init__(self, databases: Databases, emulator_handler: Handle) -> None:
        self.databases, self.emulator_handler, self.rds = databases, emulator_handler, databases.emulator.rds
        self._actions: dict[str, tuple[str, str, str, Callable[[Server], None]]] = {}
        for kind, word in ((INSTANCE, "DBInstance"), (CLUSTER, "DBCluster")):
            self._actions |= {
                f"Stop{word}": (kind, "available", "stopped", Server.stop),
                f"Start{word}": (kind, "stopped", "available", Server.start),
                f"Reboot{word}": (kind, "available", "available", Server.restart),
            }

    async def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Response:
        """Handle a request."""
        parameters = {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
        action = parameters.get("Action", "")
        if action in _MODIFY and parameters.keys() - {"Action", "Version", "ApplyImmediately"} == {
            _IDENTIFIER[_MODIFY[action]],
            _PROTECTION,
        }:
            return self._protect(action, parameters)
        if action in self._actions:
            # In a thread, because it waits for the server.
            return await asyncio.to_thread(self._act, action, parameters)
        if _READING.fullmatch(action):
            return await self.emulator_handler(method, path, headers, body, query)
        return self._refusal(
            "InvalidParameterCombination",
            f"{action} is not part of the local cloud, where CloudFormation creates, changes and deletes databases",
        )

    def _act(self, action: str, parameters: Mapping[str, str]) -> Response:
        kind, required_status, new_status, act = self._actions[action]
        id = parameters.get(_IDENTIFIER[kind], "")
        record, server = self.databases.record(kind, id), self.databases.server(kind, id)
        status_field = "DBInstanceStatus" if kind == INSTANCE else "Status"
        if record is None:
            return self._not_found(kind, id)
        if server is None:
            return self._refusal(
                "InvalidParameterCombination", "aurora-postgresql DB instances are not eligible for stopping/starting."
            )
        if record[status_field] != required_status:
            fault = "InvalidDBInstanceState" if kind == INSTANCE else "InvalidDBClusterStateFault"
            return self._refusal(
                fault, f"{id} is in {record[status_field]} state but expected it to be one of {required_status}."
            )
        try:
            act(server)
        except (RuntimeError, TimeoutError) as problem:
            return self._refusal("InternalFailure", str(problem), 500)
        record[status_field] = new_status
        self.databases.addresses_changed()
        return self._answer(action, kind, record)

    def _protect(self, action: str, parameters: Mapping[str, str]) -> Response:
        kind = _MODIFY[action]
        id = parameters[_IDENTIFIER[kind]]
        record = self.databases.record(kind, id)
        if record is None:
            return self._not_found(kind, id)
        record[_PROTECTION] = parameters[_PROTECTION] == "true"
        return self._answer(action, kind, record)

    def _not_found(self, kind: str, id: str) -> Response:
        fault = "DBInstanceNotFound" if kind == INSTANCE else "DBClusterNotFoundFault"
        return self._refusal(fault, f"{id} not found.", 404)

    def _answer(self, action: str, kind: str, record: Mapping[str, Any]) -> Response:
        if kind == INSTANCE:
            return self.rds._single_instance_response(f"{action}Response", f"{action}Result", record)  # type: ignore[no-any-return]
        cluster = self.rds._cluster_xml(record)
        return self.rds._xml(  # type: ignore[no-any-return]
            200, f"{action}Response", f"<{action}Result><DBCluster>{cluster}</DBCluster></{action}Result>"
        )

    def _refusal(self, code: str, message: str, status: int = 400) -> Response:
        return self.rds._error(code, message, status)  # type: ignore[no-any-return]
