"""The rest of the output of a process of which a test has read some lines."""

import subprocess
import threading
from typing import IO


def rest_of(process: subprocess.Popen[str], seconds: float) -> tuple[str, str]:
    """Wait for the end, and return what the process has printed since the last line that was read.

    `communicate` loses the lines that `readline` has read ahead.

    :param seconds: how long to wait; then the process is killed.
    :raises subprocess.TimeoutExpired: when it has not ended by then.
    """
    texts = {"stdout": "", "stderr": ""}

    def read(name: str, stream: IO[str]) -> None:
        texts[name] = stream.read()

    streams = [(name, stream) for name in texts if (stream := getattr(process, name)) is not None]
    threads = [threading.Thread(target=read, args=each, daemon=True) for each in streams]
    for thread in threads:
        thread.start()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    finally:
        for thread in threads:
            thread.join(seconds + 10)
        for _, stream in streams:
            stream.close()
    return texts["stdout"], texts["stderr"]
