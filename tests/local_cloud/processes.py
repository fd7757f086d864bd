"""Finds the processes of a folder, and the addresses on which they listen."""

import ipaddress
import os
from pathlib import Path


def processes(folder: Path) -> dict[int, str]:
    """The command lines of processes that name a folder or work in it, by process id.

    The working folder is needed because redis servers replace their command line.
    """
    commands = {}
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            text += f" in {(entry.parent / 'cwd').readlink()}"
        except OSError:
            continue
        if str(folder) in text and int(entry.parent.name) != os.getpid():
            commands[int(entry.parent.name)] = text
    return commands


def listening(pid: int) -> list[str]:
    """The addresses on which a process listens, over IPv4 and IPv6."""
    sockets = set()
    for entry in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            sockets.add(str(entry.readlink()))
        except OSError:
            continue
    addresses = []
    for family in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/{pid}/net/{family}").read_text().splitlines()[1:]
        except OSError:
            # It has ended.
            continue
        for line in lines:
            _, local, _, state, *rest = line.split()
            if state == "0A" and f"socket:[{rest[5]}]" in sockets:
                words = bytes.fromhex(local.partition(":")[0])
                # The 32-bit words have the byte order of this machine.
                address = b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))
                addresses.append(str(ipaddress.ip_address(address)))
    return addresses
