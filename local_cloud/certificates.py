"""An authority for one run, and the certificates of what stands in for AWS's endpoints."""

from dataclasses import dataclass, field
from pathlib import Path

import trustme


@dataclass(slots=True)
class Authority:
    """An authority whose certificate the sandbox trusts.

    :param folder: where keys and certificates are kept.
    """

    folder: Path
    ca_file: Path = field(init=False)
    _ca: trustme.CA = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._ca = trustme.CA(organization_name="Local cloud")
        self.ca_file = self.folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.ca_file))

    def issue(self, name: str, *names: str) -> tuple[Path, Path]:
        """A certificate and its key, in files of this name.

        :param names: host names, wildcards among them.
        """
        issued = self._ca.issue_cert(*names)
        certificate, key = self.files(name)
        issued.cert_chain_pems[0].write_to_path(str(certificate))
        issued.private_key_pem.write_to_path(str(key))
        return certificate, key

    def files(self, name: str) -> tuple[Path, Path]:
        """Where a certificate of this name and its key are."""
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"
