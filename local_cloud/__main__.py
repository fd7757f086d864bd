"""The command: `python -m local_cloud up | deploy | destroy | shell | aws | env | faults | logs | down`."""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from local_cloud.instance import sandbox
from local_cloud.session import LIGHT, PYTHON, ROOT, LocalCloudError, Session
from scripts.fetch_servers import TOOLS, ServerMissingError

FOLDER: Final = TOOLS / "local"
HOME: Final = ("us-east-1",)
# What the deployment has where its context names none.
GLOBAL_REGIONS: Final = ("us-east-1", "eu-west-1")
_STOPPED: Final = 130


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(
        prog="local_cloud", description="Deploys on this machine, without an account: emulator, real servers, sandbox."
    )
    made.add_argument("--folder", type=Path, default=FOLDER, help="where everything is written (default: .tools/local)")
    commands = made.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start the emulator, and bootstrap it")
    for verb, what in (
        ("deploy", "deploy with the CDK CLI, and print the connection test's report as it comes"),
        ("destroy", "destroy with the CDK CLI"),
    ):
        command = commands.add_parser(verb, help=what)
        command.add_argument("deployment", help="such as cluster-mode-disabled")
        command.add_argument("context", nargs=argparse.REMAINDER, help="more for the CLI, such as -c replicas=2")
    shell = commands.add_parser("shell", help="run a command beside an instance's user data")
    shell.add_argument("--instance", default="", help="its id (default: the newest one's)")
    shell.add_argument(
        "words", nargs=argparse.REMAINDER, help="(default: cache-cli, connected as the instance would be)"
    )
    aws = commands.add_parser("aws", help="run the AWS CLI on what is deployed here")
    aws.add_argument("words", nargs=argparse.REMAINDER, help="such as elasticache describe-replication-groups")
    commands.add_parser("env", help="print what makes other programs talk to the emulator, for a shell to evaluate")
    faults = commands.add_parser("faults", help="deploy every fault of the matrix, and print what the stacks say")
    faults.add_argument("names", nargs="*", help="parts of their names (default: all)")
    commands.add_parser("logs", help="print what the instances have printed")
    commands.add_parser("down", help="end every process, and remove every file")
    return made


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    arguments = parser().parse_args(words)
    session = Session(arguments.folder.resolve())
    commands: dict[str, Callable[[], int]] = {
        "up": lambda: _up(session),
        "deploy": lambda: (
            _up(session, _regions(arguments)) or _deploy(session, arguments.deployment, arguments.context)
        ),
        "destroy": lambda: _cdk(session, "destroy", "--all", "--force", *_context(arguments)),
        "shell": lambda: _shell(session, arguments.instance, arguments.words or ["cache-cli"]),
        "env": lambda: _env(session),
        "aws": lambda: _aws(session, arguments.words),
        "faults": lambda: _faults(arguments.names),
        "logs": lambda: _logs(session),
        "down": lambda: _down(session),
    }
    try:
        return commands[arguments.command]()
    except (LocalCloudError, ServerMissingError) as problem:
        print(f"local_cloud: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("local_cloud: interrupted; what runs is still there, 'make local-down' ends it", file=sys.stderr)
        return _STOPPED


def _up(session: Session, regions: Sequence[str] = HOME) -> int:
    if session.pid is None:
        print("starting the emulator", flush=True)
        session.start()
    done = session.folder / "bootstrapped"
    known = done.read_text().split() if done.exists() else []
    new = [each for each in regions if each not in known]
    if not new:
        return 0
    print(f"bootstrapping {', '.join(new)}, at {session.environment['AWS_ENDPOINT_URL']}", flush=True)
    # Of an environment, not of an app.
    (empty := session.folder / "bootstrap").mkdir(exist_ok=True)
    status = _run_cdk(session, empty, "bootstrap", *(f"aws://000000000000/{each}" for each in new), quiet=True)
    if status == 0:
        done.write_text(" ".join([*known, *new]))
    return status


def _deploy(session: Session, deployment: str, context: Sequence[str]) -> int:
    done = threading.Event()
    follower = threading.Thread(target=_follow, args=(session, set(session.consoles()), done))
    follower.start()
    try:
        words = ["--all", "--require-approval", "never", "--progress", "events"]
        return _cdk(session, "deploy", *words, "-c", f"deployment={deployment}", *context)
    finally:
        done.set()
        follower.join()


def _follow(session: Session, known: set[str], done: threading.Event) -> None:
    """Print what new instances print, line by line, as it comes."""
    printed: dict[str, int] = {}
    last = False
    while not last:
        # Once more after the end.
        last = done.wait(0.2)
        for instance, text in session.consoles().items():
            if instance in known:
                continue
            whole = text[: text.rfind("\n") + 1].splitlines()
            for line in whole[printed.get(instance, 0) :]:
                print(f"{instance} | {line}", flush=True)
            printed[instance] = len(whole)


def _shell(session: Session, instance: str, words: Sequence[str]) -> int:
    instances = [each for each in session.instances() if instance in ("", each.name)]
    if not instances:
        raise LocalCloudError(
            f"there must be an instance{f' {instance}' * bool(instance)}, and there is none; run 'make local'"
        )
    return subprocess.run(sandbox.enter(instances[-1], words), check=False).returncode


def _env(session: Session) -> int:
    if session.pid is None:
        raise LocalCloudError("the emulator must run, and does not; run 'make local'")
    for name, value in session.environment.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _aws(session: Session, words: Sequence[str]) -> int:
    if session.pid is None:
        raise LocalCloudError("the emulator must run, and does not; run 'make local'")
    environment = {**os.environ, **session.environment, "AWS_PAGER": ""}
    environment.pop("AWS_PROFILE", None)
    return subprocess.run([str(PYTHON), str(PYTHON.with_name("aws")), *words], env=environment, check=False).returncode


def _faults(names: Sequence[str]) -> int:
    """In a run of its own, which ends with it."""
    # They are changed and deployed by boto3, which the app itself does not need.
    from local_cloud.faults import FAULTS, run  # noqa: PLC0415
    from local_cloud.stacks import Stacks  # noqa: PLC0415

    chosen = [each for each in FAULTS if not names or any(name in each.name for name in names)]
    if not chosen:
        raise LocalCloudError(f"the name must be part of one of {', '.join(each.name for each in FAULTS)}, got {names}")
    wrong, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        session = Session(Path(folder).resolve() / "run")
        try:
            session.start()
            (assets := Path(folder) / "assets").mkdir()
            for outcome in run(Stacks(session, assets), chosen):
                wrong += bool(outcome.missing)
                mark = f"WRONG, without {outcome.missing}" if outcome.missing else "as on AWS"
                print(f"{outcome.fault.name}: {outcome.found.status} after {outcome.seconds:.0f} s, {mark}")
                print(f"  {outcome.said}", flush=True)
        finally:
            session.stop()
    print(f"{len(chosen)} faults in {time.monotonic() - began:.0f} s, {wrong} of them not as on AWS")
    return 1 if wrong else 0


def _logs(session: Session) -> int:
    for instance, text in session.consoles().items():
        print(f"== {instance}\n{text}")
    return 0


def _down(session: Session) -> int:
    session.stop()
    shutil.rmtree(session.folder, ignore_errors=True)
    return 0


def _regions(arguments: argparse.Namespace) -> Sequence[str]:
    """Those of a deployment: of the context, or its own."""
    given = [word.removeprefix("regions=") for word in arguments.context if word.startswith("regions=")]
    if given:
        return str(given[-1]).split(",")
    return GLOBAL_REGIONS if arguments.deployment == "global-datastore" else HOME


def _context(arguments: argparse.Namespace) -> list[str]:
    return ["-c", f"deployment={arguments.deployment}", *arguments.context]


def _cdk(session: Session, *words: str) -> int:
    """The CDK CLI with the app; what it looks up is written to the run's folder."""
    if session.pid is None:
        raise LocalCloudError("the emulator must run, and does not; run 'make local'")
    settings = json.loads((ROOT / "cdk.json").read_text())
    app = shlex.join([sys.executable, str(ROOT / "app.py")])
    (session.folder / "cdk.json").write_text(json.dumps({**settings, "app": app}))
    return _run_cdk(session, session.folder, *words)


def _run_cdk(session: Session, folder: Path, *words: str, quiet: bool = False) -> int:
    """The CDK CLI, which prints its progress as it goes."""
    environment = {**os.environ, **session.environment, **LIGHT}
    environment.pop("AWS_PROFILE", None)
    done = subprocess.run(
        ["cdk", *words, "--no-notices"],
        cwd=folder,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=quiet,
        text=True,
    )
    if quiet and done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
