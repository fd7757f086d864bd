"""The settings and services that the parts of the local cloud share."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local_cloud.cache.admission import Admission
from local_cloud.certificates import Authority
from local_cloud.internals import Emulator
from local_cloud.keys import Keys
from local_cloud.programs import Programs


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The settings and services of one run.

    :param folder: the folder for all files.
    :param port: the port of the emulator.
    :param keys: the secrets of the run.
    :param gateway_token: the token by which the guard recognises the instances' gateways.
    :param warn: prints a warning for the user.
    """

    folder: Path
    port: int
    keys: Keys
    gateway_token: str
    programs: Programs
    authority: Authority
    emulator: Emulator
    admission: Admission
    warn: Callable[[str], None]
