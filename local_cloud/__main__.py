"""The command `python -m local_cloud`: `up`, `deploy`, `shell`, `aws`, `status`, `drill`, `faults`, `down` and more."""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn

from local_cloud import elasticache
from local_cloud.cdk import DEPLOYMENTS, Cli
from local_cloud.instance import reports, sandbox
from local_cloud.lock import exclusive, interrupt_holder
from local_cloud.progress import Follower, TimedOutput
from local_cloud.session import PYTHON, REGION, LocalCloudError, Session, conflicting_variables
from scripts.fetch_servers import TOOLS, ServerMissingError

FOLDER: Final = TOOLS / "local"
DEFAULT_REGIONS: Final = (REGION,)
# The default of the deployment global-datastore in `stacks/`; a test compares the two.
GLOBAL_REGIONS: Final = (REGION, "eu-west-1")
# The exit status that shells give to a program that Ctrl-C ends.
_INTERRUPTED: Final = 130
_NOT_RUNNING: Final = "the local cloud is not running; run 'make local'"
_NOTHING_DEPLOYED: Final = (
    "the local cloud is not running, so nothing is deployed; run 'make local-down' to remove its files"
)


def parser() -> argparse.ArgumentParser:
    """Create the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="local_cloud",
        description="Deploys to this machine, without an account: emulator, real servers, sandboxes.",
    )
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="folder for all files of the run (default: .tools/local)"
    )
    parser.add_argument("--verbose", action="store_true", help="print the output of the CDK CLI as well as logging it")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start the emulator and bootstrap it")
    for verb, what in (
        ("deploy", "deploy with the CDK CLI, and print the connection test's report as it is written"),
        ("destroy", "destroy with the CDK CLI"),
    ):
        command = commands.add_parser(verb, help=what)
        command.add_argument("deployment", choices=DEPLOYMENTS, help="deployment to use, such as cluster-mode-disabled")
        command.add_argument(
            "context", nargs=argparse.REMAINDER, help="more options for the CDK CLI, such as -c replicas=2"
        )
    shell = commands.add_parser("shell", help="run a command in an instance")
    shell.add_argument("--instance", default="", help="id of the instance (default: the newest instance)")
    aws = commands.add_parser("aws", help="run the AWS CLI against the emulator")
    status = commands.add_parser("status", help="show the state of the caches, with the command elasticache")
    drill = commands.add_parser("drill", help="run a drill of elasticache, with the newest cache and instance")
    for command, what in (
        (shell, "the command (default: cache-cli, connected to the cache)"),
        (aws, "the command (default: help)"),
        (status, "more options of elasticache status"),
        (drill, "the drill and its options (default: failover)"),
    ):
        command.add_argument("--line", default="", help=f"{what}, as one line, quoted as in a shell")
        command.add_argument("words", nargs=argparse.REMAINDER, help=what)
    commands.add_parser("env", help="print shell commands that point other programs to the emulator")
    faults = commands.add_parser("faults", help="deploy every fault of the matrix, and print the outcome of each stack")
    faults.add_argument("names", nargs="*", help="parts of their names (default: all)")
    commands.add_parser("logs", help="print the consoles of the instances")
    commands.add_parser("down", help="end every process and remove every file")
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    arguments = parser().parse_args(words)
    commands: dict[str, Callable[[Session, argparse.Namespace], int]] = {
        "up": _up,
        "deploy": _deploy,
        "destroy": _destroy,
        "shell": _shell,
        "env": _env,
        "status": _status,
        "drill": _drill,
        "aws": _aws,
        "faults": _faults,
        "logs": _logs,
        "down": _down,
    }
    try:
        return commands[arguments.command](Session(arguments.folder.resolve()), arguments)
    except (LocalCloudError, ServerMissingError) as problem:
        print(f"local_cloud: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(
            f"local_cloud: {problem.strerror or problem}: {problem.filename or arguments.folder}; correct this, then "
            "run the same command again, or run 'make local-down' to remove everything",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(
            "local_cloud: interrupted; run the same command again, or run 'make local-down' to end it", file=sys.stderr
        )
        return _INTERRUPTED


def _interrupted(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _up(session: Session, arguments: argparse.Namespace, regions: Sequence[str] = DEFAULT_REGIONS) -> int:
    output = TimedOutput()
    with exclusive(session.folder, output.write_line):
        return _begin(session, Cli(session=session, verbose=arguments.verbose), output, regions)


def _begin(session: Session, cli: Cli, output: TimedOutput, regions: Sequence[str]) -> int:
    """Start the emulator if it is not running, and bootstrap the regions that are not bootstrapped."""
    if session.pid is None:
        if session.folder.exists():
            output.write_line("an earlier run ended without 'make local-down'; removing its processes and files")
        session.start()
        output.write_line(f"emulator started; all files are in {session.folder}")
    done = session.folder / "bootstrapped"
    known = done.read_text().split() if done.exists() else []
    new = [region for region in regions if region not in known]
    if not new:
        return 0
    status = cli.bootstrap(new)
    if status == 0:
        done.write_text(" ".join([*known, *new]))
        output.write_line(f"bootstrapped {', '.join(new)}")
    return status


def _deploy(session: Session, arguments: argparse.Namespace) -> int:
    output, cli = TimedOutput(), Cli(session=session, verbose=arguments.verbose)
    with exclusive(session.folder, output.write_line):
        _require_servers(session)
        if status := _begin(session, cli, output, _regions(arguments)):
            return status
        known = set(session.folder.glob("reports/*"))
        output.write_line(f"synthesising {arguments.deployment}; the CDK CLI writes to {cli.log}")
        with Follower(session, output.write_line) as follower:
            status = cli.app(
                *("deploy", "--all", "--require-approval", "never", "--progress", "events"),
                *("--outputs-file", "outputs.json", *["-c", f"deployment={arguments.deployment}", *arguments.context]),
            )
        for path in _reports(session, known):
            output.write_line(f"report: {path}")
        if status:
            for failure in follower.failures:
                print(f"local_cloud: {failure}", file=sys.stderr)
            return status
        _require_servers(session)
        for line in cli.described_outputs():
            output.write_line(line)
        output.write_line(f"picture: {cli.draw()}")
        output.write_line(f"{arguments.deployment} is deployed")
        return 0


def _reports(session: Session, known: set[Path]) -> list[Path]:
    """The paths of the reports of the running instances, and of those that ended during the deploy.

    :param known: the report folders that existed before the deploy.
    """
    folder = session.folder / "reports"
    ended = [path for path in folder.glob("*") if path not in known]
    saved = [report for path in ended for report in sorted(path.glob("*/*.html"))]
    running = session.instances()
    return saved + [report for path in running for report in reports.collect(path, folder / path.name)]


def _require_servers(session: Session) -> None:
    """Refuse to continue, or to report success, while a cache server that should run is down."""
    dead = session.failed_servers() if session.pid is not None else []
    if dead:
        raise LocalCloudError(
            f"the process of {', '.join(dead)} has ended unexpectedly; run 'make local-destroy', then 'make local'"
        )


def _destroy(session: Session, arguments: argparse.Namespace) -> int:
    output, cli = TimedOutput(), Cli(session=session, verbose=arguments.verbose)
    with exclusive(session.folder, output.write_line):
        if session.pid is None:
            raise LocalCloudError(_NOTHING_DEPLOYED)
        with Follower(session, output.write_line) as follower:
            status = cli.app(
                "destroy", "--all", "--force", *["-c", f"deployment={arguments.deployment}", *arguments.context]
            )
        for failure in follower.failures:
            print(f"local_cloud: {failure}", file=sys.stderr)
        if status == 0:
            name = arguments.deployment
            output.write_line(f"{name} is destroyed" if follower.event_count else f"{name} was not deployed")
        return status


def _shell(session: Session, arguments: argparse.Namespace) -> int:
    instance = arguments.instance
    instances = [folder for folder in session.instances() if instance in ("", folder.name)]
    if not instances:
        raise LocalCloudError(f"no instance{f' {instance}' * bool(instance)} is running; run 'make local'")
    return sandbox.run_in(instances[-1], _words(arguments) or ["cache-cli"])


def _env(session: Session, arguments: argparse.Namespace) -> int:
    _running(session)
    for name in conflicting_variables(os.environ):
        print(f"unset {name}")
    for name, value in session.environment.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _aws(session: Session, arguments: argparse.Namespace) -> int:
    _running(session)
    command = [str(PYTHON), str(PYTHON.with_name("aws")), *(_words(arguments) or ["help"])]
    return subprocess.run(command, env=session.whole_environment, check=False).returncode


def _status(session: Session, arguments: argparse.Namespace) -> int:
    return elasticache.run(_running(session), ["status", *_words(arguments)])


def _drill(session: Session, arguments: argparse.Namespace) -> int:
    return elasticache.drill(_running(session), _words(arguments))


def _running(session: Session) -> Session:
    if session.pid is None:
        raise LocalCloudError(_NOT_RUNNING)
    return session


def _faults(session: Session, arguments: argparse.Namespace) -> int:
    """Deploy the fault matrix in a separate run, which is removed at the end."""
    # These modules need boto3, which the app itself does not need.
    from local_cloud.faults import FAULTS, run  # noqa: PLC0415
    from local_cloud.stacks import Stacks  # noqa: PLC0415

    names = arguments.names
    chosen = [fault for fault in FAULTS if not names or any(name in fault.name for name in names)]
    if not chosen:
        raise LocalCloudError(
            f"names must be parts of {', '.join(fault.name for fault in FAULTS)}, got {names}; correct the names"
        )
    wrong, began = 0, time.monotonic()
    own = _fault_session(session)
    with exclusive(own.folder, print):
        try:
            own.start()
            (assets := own.folder / "assets").mkdir()
            for outcome in run(Stacks(own, assets), chosen):
                wrong += bool(outcome.missing)
                mark = f"WRONG, missing {outcome.missing}" if outcome.missing else "as on AWS"
                print(f"{outcome.fault.name}: {outcome.result.status} after {outcome.seconds:.0f} s, {mark}")
                print(f"  {outcome.message}", flush=True)
        finally:
            own.remove()
    print(f"{len(chosen)} faults in {time.monotonic() - began:.0f} s, {wrong} of them not as on AWS")
    return 1 if wrong else 0


def _fault_session(session: Session) -> Session:
    return Session(session.folder.with_name(f"{session.folder.name}-faults"))


def _logs(session: Session, arguments: argparse.Namespace) -> int:
    consoles = session.consoles()
    for instance, text in consoles.items():
        print(f"== {instance}\n{text}")
    if not consoles:
        print("no instance has written to its console; run 'make local' first", file=sys.stderr)
    return 0


def _down(session: Session, arguments: argparse.Namespace) -> int:
    output = TimedOutput()
    for run in (session, _fault_session(session)):
        interrupt_holder(run.folder, output.write_line)
        with exclusive(run.folder, output.write_line):
            run.remove(output.write_line)
    output.write_line("every process has ended, and every file is removed")
    return 0


def _words(arguments: argparse.Namespace) -> list[str]:
    """The command to run, from `--line` or from the remaining words."""
    try:
        return [*shlex.split(arguments.line), *arguments.words]
    except ValueError as problem:
        raise LocalCloudError(
            f"the command cannot be split into words ({problem}), got {arguments.line!r}; close its quotes"
        ) from None


def _regions(arguments: argparse.Namespace) -> Sequence[str]:
    """The regions of a deployment: those in the context, or its default."""
    given = [word.removeprefix("regions=") for word in arguments.context if word.startswith("regions=")]
    if given:
        return str(given[-1]).split(",")
    return GLOBAL_REGIONS if arguments.deployment == "global-datastore" else DEFAULT_REGIONS


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupted)
    # Only this user may read the files of a run.
    os.umask(0o077)
    sys.exit(main())
