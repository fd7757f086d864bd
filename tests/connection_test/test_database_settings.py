"""The settings of a database, its stages without one, and their exit statuses."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from connection_test import cli, config, options, runner
from connection_test import database as databases
from connection_test.context import Context
from connection_test.report import EXIT_CODES
from connection_test.stages import STAGES

from tests.connection_test.database_stages import DATABASE, ENDPOINT, quick
from tests.connection_test.fake_postgres import HOST

__all__ = ["quick"]


class TestSettings:
    VALID: ClassVar[dict[str, Any]] = {
        "host": HOST,
        "port": 5433,
        "name": "shop",
        "user": "admin",
        "region": "us-east-1",
    }

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ([], "database must be a JSON object, or null, got []; write a value such as"),
            ({"host": HOST}, "database must have host, port, name, user, region, got none of port, name, user, region"),
            ({**VALID, "password": "x"}, "got password; remove it"),
            ({**VALID, "port": "5433"}, 'database.port must be a whole number, got "5433"; write a value such as 5432'),
            ({**VALID, "port": True}, "database.port must be a whole number, got true; write a value such as 5432"),
            ({**VALID, "host": None}, 'database.host must be text, got null; write a value such as "db.example"'),
            ({**VALID, "name": 7}, 'database.name must be text, got 7; write a value such as "postgres"'),
        ],
    )
    def test_refused_files(self, value: object, text: str) -> None:
        with pytest.raises(ValueError, match="database") as caught:
            config.from_json(json.dumps({"database": value}))
        assert text in str(caught.value)

    @pytest.mark.parametrize(
        ("changes", "cause"),
        [
            ({"engine": "mysql"}, "database.engine must be postgres, got 'mysql'"),
            ({"host": "a:1"}, "the database's writer host must be a plain name, got 'a:1'"),
            ({"host": " "}, "writer host must be a plain name"),
            ({"reader_host": "https://a"}, "the database's reader host must be a plain name"),
            ({"port": 0}, "port must be 1 to 65535, got 0"),
            ({"port": 65536}, "port must be 1 to 65535, got 65536"),
            ({"name": ""}, "database.name must have 1 to 63 printable bytes, got ''"),
            ({"user": "a" * 64}, "database.user must have 1 to 63 printable bytes"),
            ({"user": "a\0b"}, "database.user must have 1 to 63 printable bytes, got 'a\\x00b'"),
            ({"region": ""}, "needs its region"),
        ],
    )
    def test_what_makes_no_sense_ends_at_config(self, changes: dict[str, Any], cause: str) -> None:
        result = config.Config([ENDPOINT], database=databases.Database(**{**self.VALID, **changes}))
        report = runner.run(result)
        assert report.failed is not None
        assert report.exit_code == EXIT_CODES["config"]
        assert cause in report.failed.cause

    def test_bounds_that_are_taken(self) -> None:
        for changes in ({"port": 1}, {"port": 65535}, {"name": "a" * 63}, {"user": "é" * 31}):
            assert databases.problems_of(databases.Database(**{**self.VALID, **changes})) == []

    def test_a_sensible_one_is_described(self) -> None:
        result = config.Config([ENDPOINT], database=DATABASE)
        assert config.check(result).endswith(f"; database shop on {HOST}:5433 as admin")

    def test_options(self, tmp_path: Path) -> None:
        (tmp_path / "c.json").write_text(json.dumps({"region": "eu-west-1", "database": self.VALID}))
        words = ["--host=a", "--region=eu-central-1", "--db-host=b", "--db-user=u"]
        result = options.read_config(options.parser().parse_args(words), "").database
        assert result == databases.Database(host="b", port=5432, name="postgres", user="u", region="eu-central-1")
        on_top = ["--host=a", f"--config={tmp_path}/c.json", "--db-user=u", "--db-ca-file=f", "--db-reader=r"]
        result = options.read_config(options.parser().parse_args(on_top), "").database
        assert result == replace(DATABASE, user="u", ca_file="f", reader_host="r")
        assert options.read_config(options.parser().parse_args(["--host=a"]), "").database is None

    @pytest.mark.parametrize(("word", "missing"), [("--db-host=a", "--db-user"), ("--db-user=a", "--db-host")])
    def test_options_that_are_missing(self, word: str, missing: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["--host=a", word]) == 2
        assert f"{missing} must be given to test a database, got none; pass it" in capsys.readouterr().err


@pytest.mark.parametrize("stage", [name for name in EXIT_CODES if name.startswith("db-")])
def test_stages_are_skipped_without_a_database(stage: str) -> None:
    step = next(candidate for candidate in STAGES if candidate.name == stage).step(config.Config([ENDPOINT]))
    assert step is not None
    assert step(Context(config.Config([ENDPOINT]))) is None


def test_exit_statuses() -> None:
    names = ("db-dns", "db-tcp", "db-tls", "db-auth", "db-query")
    assert [EXIT_CODES[name] for name in names] == [21, 22, 23, 24, 25]
