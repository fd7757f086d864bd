"""Headless Chromium, driven through the DevTools protocol over a pipe.

https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import contextlib
import json
import os
import selectors
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.fetch_browser import browser_command

SECONDS = 30
_OPTIONS = (
    "--headless",
    "--no-sandbox",  # the tests open their own pages alone, also as root in a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--font-render-hinting=none",
    "--remote-debugging-pipe",
)


class Pipe:
    """The connection: messages of JSON that end with a zero byte."""

    def __init__(self, reader: int, writer: int) -> None:
        self._reader, self._writer, self._buffer, self._number = reader, writer, b"", 0
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """Call a method, and collect the events until its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._writer, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + SECONDS
        while True:
            answer = self._read(until)
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def wait(self, method: str) -> dict[str, Any]:
        """Wait for an event."""
        until = time.monotonic() + SECONDS
        while True:
            for event in self.events:
                if event.get("method") == method:
                    return event
            self.events.append(self._read(until))

    def _read(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            with selectors.DefaultSelector() as selector:
                selector.register(self._reader, selectors.EVENT_READ)
                assert selector.select(max(0, until - time.monotonic())), "Chromium does not answer"
            read = os.read(self._reader, 1 << 20)
            assert read, "Chromium has ended"
            self._buffer += read
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message


@dataclass
class Page:
    """A page that is open.

    :param problems: errors and warnings of the console, exceptions, and refused requests.
    :param requests: the addresses of all requests.
    """

    pipe: Pipe
    session: str
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        result = self.pipe.call(method, self.session, **parameters)
        self._collect()
        return result

    def _collect(self) -> None:
        for event in self.pipe.events:
            method, values = event.get("method"), event.get("params", {})
            if method == "Network.requestWillBeSent":
                self.requests.append(values["request"]["url"])
            elif method == "Log.entryAdded":
                self.problems.append(values["entry"]["text"])
            elif method == "Runtime.exceptionThrown":
                self.problems.append(str(values["exceptionDetails"]))
            elif method == "Runtime.consoleAPICalled":
                self.problems.append(str(values["args"]))
        self.pipe.events.clear()

    def size(self, width: int, height: int = 900) -> None:
        """Set the size of the window."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, scheme: str = "light", kind: str = "") -> None:
        """Set the colour scheme, and `print` or nothing as the kind of media."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=kind, features=features)

    def open(self, path: Path) -> None:
        """Open a file, and wait until it is loaded."""
        self.requests.clear()
        self.problems.clear()
        self.call("Page.navigate", url=path.as_uri())
        self.pipe.wait("Page.loadEventFired")
        self._collect()

    def run(self, script: str) -> Any:
        """The value of an expression, which may be a promise."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str, code: int) -> None:
        """Press a key of the keyboard."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        self.call("Input.insertText", text=text)

    def pdf(self) -> bytes:
        """The page as it is printed."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])


@contextlib.contextmanager
def page(folder: Path) -> Iterator[Page]:
    """A page in a browser of its own, which ends with the context.

    :param folder: for the profile.
    """
    program, environment = browser_command()
    to_browser, from_browser = os.pipe(), os.pipe()
    # Chromium reads from descriptor 3 and writes to descriptor 4.
    shell = f'exec 3<&{to_browser[0]} 4>&{from_browser[1]}; exec "$@"'
    command = ["bash", "-c", shell, "bash", program, *_OPTIONS, f"--user-data-dir={folder}", "about:blank"]
    with subprocess.Popen(
        command,
        env={**environment, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(to_browser[0], from_browser[1]),
    ) as process:
        os.close(to_browser[0])
        os.close(from_browser[1])
        try:
            pipe = Pipe(from_browser[0], to_browser[1])
            targets = pipe.call("Target.getTargets")["targetInfos"]
            target = next(item["targetId"] for item in targets if item["type"] == "page")
            session = pipe.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            result = Page(pipe, session)
            for domain in ("Page", "Network", "Runtime", "Log"):
                result.call(f"{domain}.enable")
            yield result
        finally:
            process.terminate()
            os.close(from_browser[0])
            os.close(to_browser[1])
