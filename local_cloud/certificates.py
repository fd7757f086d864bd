"""A certificate authority for one run, and the certificates that replace those of AWS endpoints."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

import trustme


def server_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """The TLS settings of a server, from the files of its certificate and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@dataclass(slots=True)
class Authority:
    """A certificate authority that the sandbox trusts.

    :param folder: the folder for keys and certificates.
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
        """Issue a certificate; returns the files of the certificate and its key.

        :param name: the name of the files.
        :param names: host names, which can have wildcards.
        """
        issued = self._ca.issue_cert(*names)
        certificate, key = self.files(name)
        issued.cert_chain_pems[0].write_to_path(str(certificate))
        issued.private_key_pem.write_to_path(str(key))
        return certificate, key

    def files(self, name: str) -> tuple[Path, Path]:
        """The files of a certificate of this name and its key."""
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"
