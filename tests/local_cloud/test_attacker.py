"""Attacks from inside the sandbox: on files, capabilities, processes, other instances, and the path of signals."""

import json
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud.instance import sandbox
from local_cloud.keys import Keys
from local_cloud.stacks import Stacks

pytestmark = pytest.mark.servers
CANARY = "CANARY-OF-THE-HOME-FOLDER"


@pytest.fixture(scope="module")
def canaries() -> Iterator[list[Path]]:
    """Files with a known text in the home folder, `.ssh`, `.aws` and /tmp."""
    files = []
    for folder in (Path.home(), Path.home() / ".ssh", Path.home() / ".aws", Path("/tmp")):
        new = folder / f"canary-{uuid.uuid4().hex}" / "secret"
        new.parent.mkdir(parents=True)
        new.write_text(CANARY)
        files.append(new)
    yield files
    for file in files:
        shutil.rmtree(file.parent)
        if file.parents[1].name in (".ssh", ".aws") and not any(file.parents[1].iterdir()):
            file.parents[1].rmdir()


@pytest.fixture(scope="module")
def instances(emulated: Stacks) -> Iterator[list[Path]]:
    """Two instances, of two deployments."""
    for prefix in ("First", "Second"):
        assert emulated.deploy(prefix, emulated.templates()).status == "CREATE_COMPLETE"
    yield emulated.session.instances()
    emulated.delete_all()


def inside(instance: Path, line: str) -> str:
    done = subprocess.run(
        sandbox.enter(instance, ["bash", "-c", line]), capture_output=True, text=True, check=False, timeout=60
    )
    return (done.stdout + done.stderr).strip()


def test_no_file_of_the_machine_is_readable(instances: list[Path], canaries: list[Path], emulated: Stacks) -> None:
    folder = emulated.session.folder
    hidden = [*canaries, folder / "keys.json", instances[0] / "enter.json", instances[0] / "shown" / "relay.sock"]
    hidden += [*(folder / "certificates").glob("*.key"), *folder.glob("caches/*/*/users.acl")]
    assert len(hidden) > len(canaries) + 5
    for path in hidden:
        assert path.exists()
        assert "No such file" in inside(instances[1], f"cat '{path}'"), path
    assert CANARY not in inside(instances[1], f"grep -rs {CANARY} / --exclude-dir=proc --exclude-dir=usr | head -1")


def test_only_temporary_folders_are_writable(instances: list[Path]) -> None:
    for path in ("/x", "/usr/x", "/run/local/x", "/run/local/plan.json", "/etc/hosts"):
        assert "Read-only file system" in inside(instances[1], f"echo x > {path}"), path
    # A setting of the whole machine, which is opened for writing without being written.
    assert "Read-only file system" in inside(instances[1], ": >> /proc/sys/kernel/core_pattern")
    for path in ("/usr/local/bin/x", "/opt/x", "/var/lib/x", "/etc/x", "/tmp/x"):
        assert inside(instances[1], f"echo x > {path} && cat {path}") == "x", path


def test_no_capability_can_be_gained(instances: list[Path]) -> None:
    status = inside(instances[1], "cat /proc/self/status")
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert f"{name}:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    for line in ("umount /tmp", "mount -t tmpfs x /opt", "unshare --mount true", "chroot / true"):
        output = inside(instances[1], line)
        assert any(words in output for words in ("must be superuser", "not permitted", "denied")), output
    assert "failed" in inside(instances[1], "unshare --user true")
    # No descriptor of a namespace is inherited.
    assert "user:[" not in inside(instances[1], "ls -l /proc/self/fd")
    # The user data has no capability either; the relay's process is its child.
    assert "CapEff:\t0000000000000000" in inside(instances[1], "cat /proc/2/status")


def test_only_processes_of_the_instance_are_visible(instances: list[Path]) -> None:
    listed = inside(instances[1], "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert "relay.py" in listed
    assert not [word for word in ("redis-server", "local_cloud.emulator") if word in listed]


def test_only_the_role_of_the_instance_is_available(instances: list[Path], emulated: Stacks) -> None:
    url = "$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest"
    token = f'token=$(curl -s -X PUT "{url}/api/token")'
    get = (
        f'curl -s -w " %{{http_code}}" -H "X-aws-ec2-metadata-token: $token" "{url}/meta-data/iam/security-credentials/'
    )
    roles = [inside(instance, f'{token}; {get}"') for instance in instances]
    assert [role.startswith(prefix) for role, prefix in zip(roles, ("First-", "Second-"), strict=True)] == [True, True]
    assert inside(instances[1], f'{token}; {get}{roles[0].split()[0]}"') == "404"
    assert inside(instances[1], f'curl -s -o /dev/null -w "%{{http_code}}" "{url}/meta-data/iam/"') == "401"


def test_only_the_ports_of_the_plan_are_reachable(instances: list[Path], emulated: Stacks) -> None:
    plan = json.loads((instances[1] / "shown" / "plan.json").read_text())
    other = json.loads((instances[0] / "shown" / "plan.json").read_text())
    hosts = sorted({host for one_plan in (plan, other) for host, _ in one_plan["reached"]})
    scan = (
        "import socket, sys\n"
        "for host in sys.argv[1:]:\n"
        "    for port in range(1, 65536):\n"
        "        with socket.socket() as probe:\n"
        "            probe.settimeout(0.2)\n"
        "            open = probe.connect_ex((host, port)) == 0\n"
        "            # A socket whose own port the kernel has chosen like this connects to itself.\n"
        "            if open and probe.getsockname() != (host, port):\n"
        "                print(host, port)\n"
    )
    open_ports = set(inside(instances[1], f"python3 -c '{scan}' {' '.join(hosts)}").splitlines())
    assert open_ports == {f"{host} {port}" for host, port in plan["reached"]}
    assert f"127.0.0.1 {emulated.session.port}" in open_ports


@pytest.mark.parametrize(
    "words",
    [
        "-X POST -d 'Action=ListStacks&Version=2010-05-15'",
        "-X PUT -d 'Action=ListStacks&Version=2010-05-15'",
        "-X POST -H 'X-Amz-Target: secretsmanager.ListSecrets' -d '{}'",
        "-X PUT -H 'X-Amz-Target: secretsmanager.ListSecrets' -d '{}'",
        "-X GET",
        "-X DELETE",
        '-X PUT -d \'{"Status": "SUCCESS", "UniqueId": "x", "Reason": "", "Data": ""}\'',
    ],
)
@pytest.mark.parametrize("path", ["x", "", "x/y", "../../", "x?Action=ListStacks"])
def test_the_path_of_signals_accepts_signals_only(
    instances: list[Path], emulated: Stacks, words: str, path: str
) -> None:
    url = f"http://127.0.0.1:{emulated.session.port}/_ministack/cfn-signal/{path}"
    output = inside(instances[1], f"curl -s --path-as-is -w ' %{{http_code}}' {words} '{url}'")
    assert output.endswith(" 403"), output
    assert "a signal must be a PUT to the URL of an existing handle" in output or "Access Denied" in output, output


def test_a_signal_must_have_the_documented_form(instances: list[Path], emulated: Stacks) -> None:
    user_data = (instances[1] / "shown" / "user-data").read_text()
    url = next(word.strip("'") for word in user_data.split() if "/_ministack/cfn-signal/" in word)
    put = f"curl -s -o /dev/null -w '%{{http_code}}' -X PUT -H 'Content-Type:' '{url}' --data-binary "
    good = '{"Status": "SUCCESS", "UniqueId": "again", "Reason": "", "Data": ""}'
    assert inside(instances[1], f"{put}'{good}'") == "200"
    for body in ("[]", "{}", "x", good[:-1], good.replace('"Data"', '"Other"'), good.replace('"again"', "1")):
        assert inside(instances[1], f"{put}'{body}'") == "400", body
    assert inside(instances[1], f"head -c 20000 /dev/zero | {put}@-") == "400"
    assert inside(instances[1], f"curl -s -o /dev/null -w '%{{http_code}}' -X POST -d '{good}' '{url}'") == "403"


def test_the_keys_of_the_run_are_not_visible(instances: list[Path], emulated: Stacks) -> None:
    keys = Keys.read(emulated.session.folder / "keys.json")
    visible = inside(instances[1], "env; cat /run/local/* /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'")
    for secret in (keys.access_key, keys.secret_key, keys.administrator, keys.replication, keys.iam_users):
        assert secret not in visible
