"""Enters an instance's namespaces from outside, and runs a command there: `python entering.py PID COMMAND...`.

bubblewrap makes two user namespaces, one in the other: the outer one owns all other namespaces, and in the inner one
the instance has no way to another. Only root can enter the inner one and the others by one `nsenter`. Any other user
enters the outer one first, which has no name in `/proc`: the kernel gives it as the owner of another namespace.
"""

import fcntl
import os
import sys
from typing import Final

# linux/nsfs.h: a descriptor of the user namespace that owns the namespace of a descriptor.
_NS_GET_USERNS: Final = 0xB701
_NAMESPACES: Final = {"mount": "mnt", "net": "net", "pid": "pid", "uts": "uts", "ipc": "ipc"}
# Entered with the user namespace come all capabilities in it, until this drops them.
_UNPRIVILEGED: Final = (
    "/usr/bin/setpriv",
    "--no-new-privs",
    "--bounding-set=-all",
    "--inh-caps=-all",
    "--ambient-caps=-all",
)


def command(pid: str, owner: int) -> list[str]:
    """The command that enters, without the words of the one that it runs.

    :param pid: of the instance's first process.
    :param owner: a descriptor of the outer user namespace; inherited, and closed before that command starts.
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
    os.execvp(whole[0], whole)  # noqa: S606 - each word is passed as it is, without a shell
