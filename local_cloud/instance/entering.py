"""Runs a command in the namespaces of an instance: `python entering.py PID COMMAND...`.

bubblewrap creates two nested user namespaces. The outer one owns all other namespaces; in the inner one the instance
cannot create further user namespaces. Only root can enter the inner one and the others with one `nsenter`. Any other
user must enter the outer one first, which has no name in `/proc`: the kernel returns it as the owner of another
namespace.
"""

import fcntl
import os
import sys
from typing import Final

# From linux/nsfs.h: returns a descriptor of the user namespace that owns the namespace of another descriptor.
_NS_GET_USERNS: Final = 0xB701
_NAMESPACES: Final = {"mount": "mnt", "net": "net", "pid": "pid", "uts": "uts", "ipc": "ipc"}
# A process that enters a user namespace has all capabilities in it until these options drop them.
_UNPRIVILEGED: Final = (
    "/usr/bin/setpriv",
    "--no-new-privs",
    "--bounding-set=-all",
    "--inh-caps=-all",
    "--ambient-caps=-all",
)


def command(pid: str, owner: int) -> list[str]:
    """The command that enters the namespaces, to which the command to run is appended.

    :param pid: the process id of the instance's first process.
    :param owner: an inherited descriptor of the outer user namespace, closed before the command to run starts.
    """
    others = [f"--{name}=/proc/{pid}/ns/{file}" for name, file in _NAMESPACES.items()]
    return [
        *("nsenter", f"--user=/proc/self/fd/{owner}", *others, "--preserve-credentials"),
        *("/usr/bin/nsenter", "--user=/proc/1/ns/user", "--preserve-credentials", *_UNPRIVILEGED),
        *("/bin/bash", "-c", f'exec {owner}>&-; cd /; exec "$@"', "bash"),
    ]


if __name__ == "__main__":
    pid, *words = sys.argv[1:]
    owned = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    owner = fcntl.ioctl(owned, _NS_GET_USERNS)
    os.set_inheritable(owner, True)
    whole = [*command(pid, owner), *words]
    os.execvp(whole[0], whole)  # noqa: S606 - the words are passed without a shell
