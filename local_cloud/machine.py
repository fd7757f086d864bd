"""What every part of the local cloud is given."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local_cloud.cache.admission import Doorkeeper
from local_cloud.certificates import Authority
from local_cloud.keys import Keys
from local_cloud.programs import Programs
from local_cloud.seam import Emulator


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine that a run has.

    :param folder: for everything that is written.
    :param port: of the emulator.
    :param keys: the run's secrets.
    :param gateway_token: what the emulator's guard admits from the instances' gateways.
    :param warn: tells the user what is not as it should be, and does not end a deploy.
    """

    folder: Path
    port: int
    keys: Keys
    gateway_token: str
    programs: Programs
    authority: Authority
    emulator: Emulator
    doorkeeper: Doorkeeper
    warn: Callable[[str], None]
