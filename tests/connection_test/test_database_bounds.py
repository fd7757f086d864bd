"""Bounds of the database's stages: the age of a token, and the samples of the latency."""

import argparse
import datetime
from typing import Any, cast
from unittest import mock

import pytest
from connection_test import sigv4, stage_database, tokens
from connection_test.postgres import Connection as Session
from connection_test.postgres import ProtocolError as DatabaseProtocolError


class TestToken:
    EXPECTED: dict[str, Any] = {"host": "db.example", "port": 5432, "user": "app", "region": "us-east-1"}  # noqa: RUF012

    def mismatch(self, text: str) -> str | None:
        found = tokens.mismatch_of(text, **self.EXPECTED)
        return found[0] if found else None

    def token(self, **changes: str) -> str:
        query = {
            "DBUser": "app",
            "X-Amz-Credential": "key/20260101/us-east-1/rds-db/aws4_request",
            "X-Amz-Date": sigv4.now().strftime("%Y%m%dT%H%M%SZ"),
            "X-Amz-Expires": "900",
            "X-Amz-Signature": "x",
            **changes,
        }
        return "db.example:5432/?" + "&".join(f"{name}={value}" for name, value in query.items())

    def test_a_token_whose_age_cannot_be_read_counts_as_new(self) -> None:
        assert self.mismatch(self.token()) is None
        for changes in ({"X-Amz-Expires": "soon"}, {"X-Amz-Expires": ""}, {"X-Amz-Date": "today"}, {"X-Amz-Date": ""}):
            assert self.mismatch(self.token(**changes)) is None

    def test_the_first_of_two_values_counts(self) -> None:
        assert self.mismatch(f"{self.token()}&DBUser=other") is None
        assert self.mismatch(self.token(DBUser="other&DBUser=app")) == "token-for-another-user"

    def test_the_scope_names_the_region_and_the_service(self) -> None:
        for scope in ("key/d/eu-west-1/rds-db/x", "key/d/us-east-1/elasticache/x", "us-east-1/rds-db", "key/us-east-1"):
            assert self.mismatch(self.token(**{"X-Amz-Credential": scope})) == "token-for-another-database"

    @pytest.mark.parametrize(("age", "expired"), [(899, None), (900, None), (901, "token-expired")])
    def test_it_is_valid_for_900_seconds(self, age: int, expired: str | None) -> None:
        now = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)  # noqa: UP017 - as the module does
        signed = (now - datetime.timedelta(seconds=age)).strftime("%Y%m%dT%H%M%SZ")
        with mock.patch.object(sigv4, "now", return_value=now):
            assert self.mismatch(self.token(**{"X-Amz-Date": signed})) == expired


class TestDatabaseLatency:
    class Clock:
        """Advances when it is read."""

        def __init__(self, step: float) -> None:
            self.now, self.step = 0.0, step

        def monotonic(self) -> float:
            self.now += self.step
            return self.now

        def perf_counter(self) -> float:
            return self.now

    @pytest.mark.parametrize(("step", "samples"), [(0.0, 100), (10.0, 2), (1.0, 4)])
    def test_at_most_100_samples_and_at_least_two(
        self, step: float, samples: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stage_database, "time", self.Clock(step))
        queries: list[str] = []
        session = cast("Session", argparse.Namespace(query=queries.append))
        assert stage_database._measured(session) == [0.0] * samples
        assert queries == ["SELECT 1"] * samples

    @pytest.mark.parametrize("rows", [[], [["a"] * 4], [["a"] * 6], [["a"] * 5] * 2])
    def test_one_row_of_five_columns_is_expected(self, rows: list[Any]) -> None:
        with pytest.raises(DatabaseProtocolError, match="one row of five columns"):
            stage_database._one_row(rows)
        assert stage_database._one_row([["a"] * 5]) == ["a"] * 5
