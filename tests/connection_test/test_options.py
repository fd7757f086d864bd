"""Configuration files and the arguments of the command."""

from pathlib import Path

import pytest
from connection_test import cli, config, options
from connection_test.report import StageFailure

from tests.connection_test import probe
from tests.connection_test.stage_fakes import ENDPOINT


class TestConfig:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("{", "configuration must be JSON"),
            ("[]", "configuration must be a JSON object, got list"),
            ('{"hosts": 1}', "got hosts; correct the file"),
            ('{"endpoints": [{"role": "primary"}]}', "endpoints must have role, host and port"),
            ('{"password": "x"}', "got password"),
        ],
    )
    def test_refused_files(self, text: str, message: str) -> None:
        with pytest.raises(ValueError, match=message.replace("[", r"\[")):
            config.from_json(text)

    @pytest.mark.parametrize(
        ("changes", "cause"),
        [
            ({"endpoints": []}, "no endpoint is given"),
            ({"engine": "memcache"}, "engine must be one of redis, valkey, memcached, got 'memcache'"),
            ({"cluster_mode": "on"}, "cluster_mode must be one of"),
            ({"authentication": "basic"}, "authentication must be one of"),
            ({"endpoints": [config.Endpoint("primary", "a:1", 1)]}, "must be a plain name, got 'a:1'"),
            ({"endpoints": [config.Endpoint("primary", "a", 0)]}, "port must be 1 to 65535, got 0"),
            ({"endpoints": [config.Endpoint("main", "a", 1)]}, "role must be one of"),
            ({"cluster_mode": "enabled"}, "cluster mode enabled has a configuration endpoint"),
            ({"authentication": "iam", "tls": False}, "IAM authentication needs TLS"),
            ({"authentication": "iam"}, "IAM authentication needs user"),
            ({"authentication": "iam", "user": "u"}, "IAM authentication needs cache_name"),
            ({"authentication": "iam", "user": "u", "cache_name": "c"}, "IAM authentication needs region"),
        ],
    )
    def test_contradictory_configurations(self, changes: dict[str, object], cause: str) -> None:
        configuration = config.Config(**{"endpoints": [ENDPOINT], **changes})  # type: ignore[arg-type]
        with pytest.raises(StageFailure) as caught:
            config.check(configuration)
        assert cause in caught.value.cause
        assert caught.value.action

    def test_a_valid_configuration_is_described(self) -> None:
        assert config.check(config.Config([ENDPOINT], user="u")) == (
            "primary cache.example:6379; TLS on; authentication none as u"
        )

    def test_the_password_is_not_in_its_repr(self) -> None:
        assert "geheim" not in repr(config.Config([ENDPOINT], password="geheim"))


class TestCli:
    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ([], "--host or --config must name an endpoint"),
            (["--config", "/nowhere.json"], "--config must be a readable file"),
            (
                ["--host=a", "--connect-to=a:b"],
                "--connect-to must have the form HOST:PORT:ADDRESS:PORT, an IPv6 address in brackets, got 'a:b'",
            ),
        ],
    )
    def test_wrong_arguments(self, words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(words) == 2
        assert message in capsys.readouterr().err

    def test_cluster_mode_makes_the_host_a_configuration_endpoint(self) -> None:
        arguments = options.parser().parse_args(["--host=a", "--cluster-mode=enabled", "--time-limit=900"])
        configuration = options.read_config(arguments, "")
        assert configuration.endpoints == [config.Endpoint("configuration", "a", 6379)]
        assert configuration.time_limit == 300

    def test_a_password_means_password_authentication(self) -> None:
        arguments = options.parser().parse_args(["--host=a", "--reader=b"])
        assert options.read_config(arguments, "x").authentication == "password"
        assert options.read_config(arguments, "").authentication == "none"
        assert options.read_config(arguments, "").replicas_per_shard == 1

    def test_the_command_line_client_gets_the_password_by_environment(self, tmp_path: Path) -> None:
        fake = tmp_path / "valkey-cli"
        fake.write_text('#!/bin/sh\necho "$@ with $REDISCLI_AUTH"\n')
        fake.chmod(0o755)
        outcome = probe.run(
            *("--host=cache.example", "--user=app", "--cluster-mode=enabled", "--cli", "PING"),
            password="a-password",
            environment={"PATH": str(tmp_path)},
        )
        assert outcome.output == "-h cache.example -p 6379 --tls -c --user app PING with a-password\n"

    def test_without_a_command_line_client_it_says_what_to_install(self, tmp_path: Path) -> None:
        outcome = probe.run("--host=a", "--cli", environment={"PATH": str(tmp_path)})
        assert outcome.status == 2
        assert "sudo dnf install valkey" in outcome.errors
