"""Files of the Serverless Framework: the resources of a service are read as a template."""

from pathlib import Path

import pytest

from elasticache_rules.__main__ import main

CACHE = """\
      Type: AWS::ElastiCache::CacheCluster
      Properties:
        Engine: memcached
        CacheNodeType: ${self:custom.node}
        NumCacheNodes: 1
        VpcSecurityGroupIds: [sg-0123456789abcdef0]
        Port: PORT
"""
SERVICE = """\
service: shop
provider: {name: aws, runtime: python3.13}
functions:
  hello: {handler: app.handler}
"""
ONE = f"{SERVICE}resources:\n  Resources:\n    Cache:\n{CACHE}"
SEVERAL = f"""{SERVICE}resources:
  - ${{file(network.yml)}}
  - Conditions: {{Never: !Equals [a, b]}}
  - Resources:
      Cache:
{"".join(f"  {line}" + chr(10) for line in CACHE.splitlines())}
  - Resources:
      Topic: {{Type: AWS::SNS::Topic}}
    Outputs:
      Host: {{Value: !GetAtt Cache.ConfigurationEndpoint.Address}}
"""


def said(file: Path, text: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The exit status, the output and the errors of the command for a file."""
    file.write_text(text)
    status = main([str(file)])
    shown = capsys.readouterr()
    return status, shown.out, shown.err


@pytest.mark.parametrize("text", [ONE, SEVERAL], ids=["one", "several"])
def test_a_valid_service_has_no_finding(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, shown, problems = said(tmp_path / "serverless.yml", text.replace("PORT", "11211"), capsys)
    assert (status, problems) == (0, "")
    assert shown == "0 errors, 0 warnings, 1 value could not be judged\n"


@pytest.mark.parametrize("text", [ONE, SEVERAL], ids=["one", "several"])
def test_a_finding_has_its_place_in_the_file(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, text = tmp_path / "serverless.yml", text.replace("PORT", "80")
    status, shown, _ = said(file, text, capsys)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "Port: 80" in line)
    column = text.splitlines()[line - 1].index("Port") + 1
    assert status == 1
    assert shown.startswith(f"{file}:{line}:{column}: error network/port\n")


def test_resources_that_the_framework_adds_may_be_referred_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = ONE.replace("PORT", "11211") + "    Other: {Type: AWS::SNS::Topic, DependsOn: HelloLambdaFunction}\n"
    assert said(tmp_path / "serverless.yml", text, capsys)[0] == 0


@pytest.mark.parametrize(
    "text",
    [
        SERVICE,
        f"{SERVICE}resources: {{Outputs: {{}}}}\n",
        f"{SERVICE}resources: [1, Resources]\n",
        f"{SERVICE}resources: {{Resources: []}}\n",
        ONE.replace("service", "services"),
        "[service, resources]\n",
    ],
)
def test_a_file_without_resources_of_a_service_is_no_template(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, problems = said(tmp_path / "other.yml", text, capsys)
    assert status == 2
    assert "must be a template, got a file without a Resources map" in problems


def test_a_template_with_a_key_service_is_read_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"service: x\nresources: {{Resources: {{}}}}\nResources:\n  Cache:\n{CACHE}".replace("PORT", "80")
    status, shown, _ = said(tmp_path / "template.yml", text, capsys)
    assert status == 1
    assert "network/port" in shown


def test_a_service_in_a_folder_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "serverless.yml").write_text(ONE.replace("PORT", "80"))
    assert main([str(tmp_path)]) == 1
    assert "network/port" in capsys.readouterr().out
