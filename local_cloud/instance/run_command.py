"""SSM Run Command: the emulator runs the scripts of AWS-RunShellScript in the instances' sandboxes."""

import subprocess
from collections.abc import Sequence
from typing import Final

from local_cloud.instance import sandbox
from local_cloud.instance.instances import Instances
from local_cloud.spawning import own_program

_SECONDS: Final = 300.0


def register(instances: Instances) -> None:
    """Let the emulator list these instances as managed, and run scripts in them instead of in containers."""
    emulator = instances.emulator

    def managed() -> set[str]:
        here = emulator.account_and_region
        return {id for id, instance in list(instances.running.items()) if instance.account_and_region == here}

    def run(id: str, command: Sequence[str]) -> tuple[int, str, str]:
        return _run(instances, id, command)

    emulator.ssm._managed_instance_ids = managed
    emulator.ec2.exec_in_instance_blocking = run


def _run(instances: Instances, id: str, command: Sequence[str]) -> tuple[int, str, str]:
    """The exit status, the standard output and the standard error of a script."""
    instance = instances.running.get(id)
    if instance is None:
        return 255, "", "the instance has ended"
    with own_program():
        try:
            done = subprocess.run(
                sandbox.enter(instance.folder, command),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return 137, "", f"the script did not end in {_SECONDS:g} s"
    return done.returncode, done.stdout, done.stderr
