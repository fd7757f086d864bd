"""What every part of the local cloud is given."""

from dataclasses import dataclass
from pathlib import Path

from local_cloud.cache.admission import Doorkeeper
from local_cloud.certificates import Authority
from local_cloud.programs import Programs
from local_cloud.seam import Emulator


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine that a run has.

    :param folder: for everything that is written.
    :param port: of the emulator.
    """

    folder: Path
    port: int
    programs: Programs
    authority: Authority
    emulator: Emulator
    doorkeeper: Doorkeeper
