"""The signal of a wait condition: a PUT of a small JSON document to the URL of an existing handle."""

import json
from typing import Any, Final

from local_cloud.instance.endpoint import Answer, Request
from local_cloud.internals import Emulator

# Sufficient for a verdict, which has some hundreds of bytes.
_LIMIT: Final = 16384
_KEYS: Final = {"Status", "Reason", "UniqueId", "Data"}


def is_signal(emulator: Emulator, request: Request) -> bool:
    """Whether a request goes to the path of wait condition handles."""
    return request.target.startswith(emulator.wait_conditions.SIGNAL_PATH)


def token_of(emulator: Emulator, request: Request) -> str:
    """The token of the handle in the path; empty when there is no such handle, or the request is not a PUT."""
    token = request.target.removeprefix(emulator.wait_conditions.SIGNAL_PATH)
    known = emulator.wait_conditions._handles.get(token)
    return token if known and known["url"] and request.method == "PUT" else ""


def deliver(emulator: Emulator, token: str, request: Request) -> Answer:
    """Deliver a signal to the stack that waits for it, without passing the request to the emulator's services."""
    if any(name.lower() == "content-type" and value for name, value in request.headers.items()):
        return Answer(403, b"the Content-Type header must be empty or omitted\n")
    try:
        document = _document(request.body)
        delivered = emulator.wait_conditions.deliver_signal(token, document)
    except ValueError as problem:
        return Answer(400, f"{problem}\n".encode())
    return Answer(200 if delivered else 404)


def _document(body: bytes) -> dict[str, Any]:
    if len(body) > _LIMIT:
        raise ValueError(f"the signal must have at most {_LIMIT} bytes, got {len(body)}")
    document = json.loads(body)
    if (
        not isinstance(document, dict)
        or not set(document) <= _KEYS
        or not all(isinstance(it, str) for it in document.values())
    ):
        raise ValueError(f"the signal must be a JSON object with the strings {', '.join(sorted(_KEYS))}")
    return document
