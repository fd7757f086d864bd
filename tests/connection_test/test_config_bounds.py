"""Bounds of settings, and which settings fit each other."""

from dataclasses import replace
from typing import Any

import pytest
from connection_test import config
from connection_test.config import Config, Endpoint
from connection_test.report import StageFailure

PRIMARY = Endpoint("primary", "cache.example", 6379)


class TestConfig:
    @pytest.mark.parametrize(
        ("changes", "title"),
        [
            ({}, "connection test of cache.example: redis , cluster mode disabled"),
            ({"cache_name": "shop"}, "connection test of shop: redis , cluster mode disabled"),
            ({"endpoints": []}, "connection test of nothing: redis , cluster mode disabled"),
            ({"serverless": True}, "connection test of cache.example: redis , serverless"),
            ({"engine": "memcached"}, "connection test of cache.example: memcached , nodes unknown"),
            ({"engine": "memcached", "nodes": 3}, "connection test of cache.example: memcached , nodes 3"),
            (
                {"engine": "memcached", "serverless": True, "engine_version": "1.6"},
                "connection test of cache.example: memcached 1.6, serverless",
            ),
        ],
    )
    def test_the_title_names_the_target(self, changes: dict[str, Any], title: str) -> None:
        assert replace(Config([PRIMARY]), **changes).title() == title

    def test_the_first_endpoint_is_one_for_writes(self) -> None:
        reader = Endpoint("reader", "reader.example", 6379)
        assert Config([reader, PRIMARY]).first is PRIMARY
        assert Config([reader]).first is reader

    def test_the_defaults(self) -> None:
        settings = Config([PRIMARY])
        assert (settings.shards, settings.replicas_per_shard, settings.nodes) == (1, 0, 0)
        assert (settings.tls, settings.serverless, settings.clustered) == (True, False, False)
        assert (settings.wait_network, settings.wait_auth, settings.time_limit, settings.slow_ms) == (0, 0, 300, 5)
        assert replace(settings, cluster_mode="enabled").clustered

    @pytest.mark.parametrize(("port", "valid"), [(0, False), (1, True), (65535, True), (65536, False)])
    def test_a_port_is_1_to_65535(self, port: int, valid: bool) -> None:
        settings = Config([replace(PRIMARY, port=port)])
        if valid:
            assert config.check(settings) == f"primary cache.example:{port}; TLS on; authentication none"
            return
        with pytest.raises(StageFailure) as caught:
            config.check(settings)
        assert caught.value.cause == f"the port must be 1 to 65535, got {port}"

    @pytest.mark.parametrize("host", ["redis://cache", "cache/0", "cache:6379", "", " "])
    def test_a_host_is_a_plain_name(self, host: str) -> None:
        with pytest.raises(StageFailure, match="must be a plain name"):
            config.check(Config([replace(PRIMARY, host=host)]))

    def test_a_host_may_be_an_ipv6_address(self) -> None:
        assert config.check(Config([replace(PRIMARY, host="fd00::1")])).startswith("primary fd00::1:6379; ")

    @pytest.mark.parametrize(
        ("changes", "cause"),
        [
            ({"engine": "mysql"}, "engine must be one of redis, valkey, memcached, got 'mysql'"),
            ({"cluster_mode": "on"}, "cluster_mode must be one of disabled, enabled, compatible, got 'on'"),
            ({"global_role": "x"}, "global_role must be one of , primary, secondary, got 'x'"),
            ({"endpoints": []}, "no endpoint is given"),
            (
                {"cluster_mode": "enabled"},
                "cluster mode enabled has a configuration endpoint, and another one is given",
            ),
            (
                {"engine": "memcached", "authentication": "password"},
                "memcached has no authentication, and one is asked for",
            ),
            (
                {"authentication": "iam", "tls": False, "user": "u", "cache_name": "c", "region": "r"},
                "IAM authentication needs TLS, and it is off",
            ),
            (
                {"authentication": "iam", "cache_name": "c", "region": "r"},
                "IAM authentication needs user, and it is empty",
            ),
            (
                {"authentication": "iam", "user": "u", "region": "r"},
                "IAM authentication needs cache_name, and it is empty",
            ),
            (
                {"authentication": "iam", "user": "u", "cache_name": "c"},
                "IAM authentication needs region, and it is empty",
            ),
        ],
    )
    def test_settings_that_do_not_fit_each_other(self, changes: dict[str, Any], cause: str) -> None:
        with pytest.raises(StageFailure) as caught:
            config.check(replace(Config([PRIMARY]), **changes))
        assert (caught.value.code, caught.value.cause) == ("configuration", cause)

    @pytest.mark.parametrize(("role", "serverless", "valid"), [("reader", True, True), ("reader", False, False)])
    def test_only_a_serverless_cluster_has_a_reader_endpoint(self, role: str, serverless: bool, valid: bool) -> None:
        endpoints = [Endpoint("configuration", "c.example", 6379), Endpoint(role, "r.example", 6380)]
        settings = Config(endpoints, cluster_mode="enabled", serverless=serverless)
        if valid:
            assert config.check(settings)
        else:
            with pytest.raises(StageFailure):
                config.check(settings)

    def test_iam_that_is_complete(self) -> None:
        settings = Config([PRIMARY], authentication="iam", user="u", cache_name="c", region="r")
        assert config.check(settings) == "primary cache.example:6379; TLS on; authentication iam as u"
        assert config.check(replace(settings, authentication="none", tls=False, user="")).endswith(
            "; TLS off; authentication none"
        )

    @pytest.mark.parametrize(
        ("text", "line"), [(None, ""), ("", ""), (" \n ", ""), ("\n one \ntwo", "one"), ("one\ntwo", "one")]
    )
    def test_the_first_line(self, text: str | None, line: str) -> None:
        assert config.first_line(text).strip() == line
