"""The signal of a wait condition: one PUT of a small JSON document to the URL of a handle that exists."""

import json
from typing import Any, Final

from local_cloud.instance.endpoint import Answer, Request
from local_cloud.seam import Emulator

# A verdict has some hundreds of bytes.
_LIMIT: Final = 16384
_KEYS: Final = {"Status", "Reason", "UniqueId", "Data"}


def is_signal(emulator: Emulator, request: Request) -> bool:
    """Whether a request goes to the path that the handles' URLs have."""
    return request.target.startswith(emulator.wait_conditions.SIGNAL_PATH)


def token_of(emulator: Emulator, request: Request) -> str:
    """The handle's token in the path; empty where the handle does not exist, or the request is not a signal's."""
    token = request.target.removeprefix(emulator.wait_conditions.SIGNAL_PATH)
    known = emulator.wait_conditions._handles.get(token)
    return token if known and known["url"] and request.method == "PUT" else ""


def deliver(emulator: Emulator, token: str, request: Request) -> Answer:
    """Hand a signal to the stack that waits for it; nothing of the request reaches the emulator's other services."""
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
        raise ValueError(f"a signal has at most {_LIMIT} bytes, got {len(body)}")
    found = json.loads(body)
    if not isinstance(found, dict) or not set(found) <= _KEYS or not all(isinstance(it, str) for it in found.values()):
        raise ValueError(f"a signal is a JSON object of the strings {', '.join(sorted(_KEYS))}")
    return found
