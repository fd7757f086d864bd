"""IAM tokens of a database: they equal those of botocore, and what is wrong with one."""

import datetime
from typing import Any
from unittest import mock

import botocore.auth
import botocore.session
from connection_test import sigv4, tokens
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connection_test.database_stages import quick
from tests.connection_test.fake_postgres import HOST

__all__ = ["quick"]


class TestTokens:
    @settings(max_examples=30)
    @given(
        user=st.from_regex(r"[a-z_][a-z0-9_.@+/ -]{0,15}", fullmatch=True),
        port=st.sampled_from([5432, 5433, 65535]),
        region=st.sampled_from(["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]),
        session_token=st.sampled_from(["", "IQoJb3JpZ2luX2VjE/+=="]),
    )
    def test_they_equal_those_of_botocore(self, user: str, port: int, region: str, session_token: str) -> None:
        now = datetime.datetime(2026, 11, 22, 16, 27, 5, tzinfo=datetime.UTC)
        own = sigv4.database_token(
            sigv4.Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG", session_token),
            **{"host": HOST, "port": port, "user": user, "region": region, "at": now},  # type: ignore[arg-type]
        )
        with mock.patch.object(botocore.auth, "get_current_datetime", return_value=now.replace(tzinfo=None)):
            client = botocore.session.get_session().create_client(
                "rds",
                region,
                aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
                aws_secret_access_key="wJalrXUtnFEMI/K7MDENG",
                aws_session_token=session_token or None,
            )
            theirs = client.generate_db_auth_token(HOST, port, user, region)
        assert sorted(own.partition("?")[2].split("&")) == sorted(theirs.partition("?")[2].split("&"))
        assert own.partition("?")[0] == theirs.partition("?")[0] == f"{HOST}:{port}/"

    def test_what_is_wrong_with_one(self) -> None:
        expected = {"host": HOST, "port": 5433, "user": "admin", "region": "us-east-1"}

        def mismatch(at: datetime.datetime | None = None, **changes: Any) -> str | None:
            token = sigv4.database_token(
                sigv4.Credentials("A", "B", "C"), **{**expected, **changes}, at=at or sigv4.now()
            )
            mismatch = tokens.mismatch_of(token, **expected)  # type: ignore[arg-type]
            return mismatch[0] if mismatch else None

        assert mismatch() is None
        assert mismatch(user="shop") == "token-for-another-user"
        for change in ({"host": "other"}, {"port": 5432}, {"region": "eu-west-1"}):
            assert mismatch(**change) == "token-for-another-database"
        second, age = datetime.timedelta(seconds=1), datetime.timedelta(seconds=900)
        assert mismatch(at=sigv4.now() - age - second) == "token-expired"
        assert mismatch(at=sigv4.now() - age + 5 * second) is None
        for text in ("a password", "", "host:1/?a=b", "%"):
            results = tokens.mismatch_of(text, **expected)  # type: ignore[arg-type]
            assert results is not None
            assert results[0] == "password-in-place-of-token"
