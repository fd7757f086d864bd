"""The command: `python -m local_cloud up | deploy | destroy | shell | aws | env | faults | logs | down`."""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NoReturn

from local_cloud.cdk import DEPLOYMENTS, Cli
from local_cloud.instance import reports, sandbox
from local_cloud.lock import interrupt_holder, only_one
from local_cloud.progress import Clock, Follower
from local_cloud.session import PYTHON, LocalCloudError, Session, foreign
from scripts.fetch_servers import TOOLS, ServerMissingError

FOLDER: Final = TOOLS / "local"
HOME: Final = ("us-east-1",)
# What the deployment has where its context names none.
GLOBAL_REGIONS: Final = ("us-east-1", "eu-west-1")
_STOPPED: Final = 130
_EXPORTS: Final = ("ExportsOutput", "PublishOutput")
_NOT_RUNNING: Final = "the local cloud does not run; run 'make local'"
_NOTHING: Final = "the local cloud does not run, so nothing is deployed; 'make local-down' removes files"


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(
        prog="local_cloud", description="Deploys on this machine, without an account: emulator, real servers, sandbox."
    )
    made.add_argument("--folder", type=Path, default=FOLDER, help="where everything is written (default: .tools/local)")
    made.add_argument("--verbose", action="store_true", help="print all that the CDK CLI prints, besides the log")
    commands = made.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start the emulator, and bootstrap it")
    for verb, what in (
        ("deploy", "deploy with the CDK CLI, and print the connection test's report as it comes"),
        ("destroy", "destroy with the CDK CLI"),
    ):
        command = commands.add_parser(verb, help=what)
        command.add_argument("deployment", choices=DEPLOYMENTS, help="such as cluster-mode-disabled")
        command.add_argument("context", nargs=argparse.REMAINDER, help="more for the CLI, such as -c replicas=2")
    shell = commands.add_parser("shell", help="run a command beside an instance's user data")
    shell.add_argument("--instance", default="", help="its id (default: the newest one's)")
    aws = commands.add_parser("aws", help="run the AWS CLI on what is deployed here")
    for command, default in ((shell, "cache-cli, connected as the instance would be"), (aws, "its help")):
        command.add_argument("--line", default="", help="the command as one line, with a shell's quotes")
        command.add_argument("words", nargs=argparse.REMAINDER, help=f"the command (default: {default})")
    commands.add_parser("env", help="print what makes other programs talk to the emulator, for a shell to evaluate")
    faults = commands.add_parser("faults", help="deploy every fault of the matrix, and print what the stacks say")
    faults.add_argument("names", nargs="*", help="parts of their names (default: all)")
    commands.add_parser("logs", help="print what the instances have printed")
    commands.add_parser("down", help="end every process, and remove every file")
    return made


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    arguments = parser().parse_args(words)
    commands: dict[str, Callable[[Session, argparse.Namespace], int]] = {
        "up": _up,
        "deploy": _deploy,
        "destroy": _destroy,
        "shell": _shell,
        "env": _env,
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
            f"local_cloud: {problem.strerror or problem}: {problem.filename or arguments.folder}; once that is mended, "
            "run the same command again, or 'make local-down' to remove everything",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("local_cloud: interrupted; run the same command again, or 'make local-down' to end it", file=sys.stderr)
        return _STOPPED


def _interrupted(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _up(session: Session, arguments: argparse.Namespace, regions: Sequence[str] = HOME) -> int:
    clock = Clock()
    with only_one(session.folder, clock.say):
        return _begin(session, Cli(session=session, verbose=arguments.verbose), clock, regions)


def _begin(session: Session, cli: Cli, clock: Clock, regions: Sequence[str]) -> int:
    """Start the emulator where it does not run, and bootstrap what is not bootstrapped."""
    if session.pid is None:
        if session.folder.exists():
            clock.say("an earlier run has ended without 'make local-down'; removing what it left")
        session.start()
        clock.say(f"emulator started; everything is written below {session.folder}")
    done = session.folder / "bootstrapped"
    known = done.read_text().split() if done.exists() else []
    new = [each for each in regions if each not in known]
    if not new:
        return 0
    status = cli.bootstrap(new)
    if status == 0:
        done.write_text(" ".join([*known, *new]))
        clock.say(f"bootstrapped {', '.join(new)}")
    return status


def _deploy(session: Session, arguments: argparse.Namespace) -> int:
    clock, cli = Clock(), Cli(session=session, verbose=arguments.verbose)
    with only_one(session.folder, clock.say):
        _require_servers(session)
        if status := _begin(session, cli, clock, _regions(arguments)):
            return status
        known = set(session.folder.glob("reports/*"))
        clock.say(f"synthesising {arguments.deployment}; the CDK CLI writes to {cli.log}")
        with Follower(session, clock.say) as follower:
            status = cli.app(
                *("deploy", "--all", "--require-approval", "never", "--progress", "events"),
                *("--outputs-file", "outputs.json", *_context(arguments)),
            )
        for path in _reports(session, known):
            clock.say(f"report: {path}")
        if status:
            for each in follower.failures:
                print(f"local_cloud: {each}", file=sys.stderr)
            return status
        _require_servers(session)
        for line in _told(cli):
            clock.say(line)
        clock.say(f"{arguments.deployment} is deployed")
        return 0


def _reports(session: Session, known: set[Path]) -> list[Path]:
    """Where the reports of instances lie: of those that live, and of those that have ended since.

    :param known: the folders of those that had ended before.
    """
    folder = session.folder / "reports"
    ended = [each for each in folder.glob("*") if each not in known]
    kept = [path for each in ended for path in sorted(each.glob("*/*.html"))]
    return kept + [path for each in session.instances() for path in reports.collect(each, folder / each.name)]


def _told(cli: Cli) -> Iterator[str]:
    """What the stacks tell people: endpoints and verdicts, and not what they export for each other."""
    for stack, outputs in cli.outputs().items():
        for name, value in outputs.items():
            if not name.startswith(_EXPORTS):
                yield f"{stack}.{name} = {value}"
            if "Verdict" in name and value.startswith("WARN") and "ping" in value:
                yield "  a warning at ping is expected: the servers are this machine's, of whatever version it has"


def _require_servers(session: Session) -> None:
    """Refuse to go on, or to call it green, while a cache server is down that should run."""
    dead = session.dead() if session.pid is not None else []
    if dead:
        raise LocalCloudError(
            f"{', '.join(dead)} should run, and its process has ended; run 'make local-destroy', then 'make local'"
        )


def _destroy(session: Session, arguments: argparse.Namespace) -> int:
    clock, cli = Clock(), Cli(session=session, verbose=arguments.verbose)
    with only_one(session.folder, clock.say):
        if session.pid is None:
            raise LocalCloudError(_NOTHING)
        with Follower(session, clock.say) as follower:
            status = cli.app("destroy", "--all", "--force", *_context(arguments))
        for each in follower.failures:
            print(f"local_cloud: {each}", file=sys.stderr)
        if status == 0:
            name = arguments.deployment
            clock.say(f"{name} is destroyed" if follower.seen else f"nothing of {name} was deployed")
        return status


def _shell(session: Session, arguments: argparse.Namespace) -> int:
    instance = arguments.instance
    instances = [each for each in session.instances() if instance in ("", each.name)]
    if not instances:
        raise LocalCloudError(f"no instance{f' {instance}' * bool(instance)} runs; run 'make local'")
    return sandbox.run_in(instances[-1], _words(arguments) or ["cache-cli"])


def _env(session: Session, arguments: argparse.Namespace) -> int:
    if session.pid is None:
        raise LocalCloudError(_NOT_RUNNING)
    for name in foreign(os.environ):
        print(f"unset {name}")
    for name, value in session.environment.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _aws(session: Session, arguments: argparse.Namespace) -> int:
    if session.pid is None:
        raise LocalCloudError(_NOT_RUNNING)
    command = [str(PYTHON), str(PYTHON.with_name("aws")), *(_words(arguments) or ["help"])]
    return subprocess.run(command, env=session.whole_environment, check=False).returncode


def _faults(session: Session, arguments: argparse.Namespace) -> int:
    """In a run of its own, which ends with it."""
    # They are changed and deployed by boto3, which the app itself does not need.
    from local_cloud.faults import FAULTS, run  # noqa: PLC0415
    from local_cloud.stacks import Stacks  # noqa: PLC0415

    names = arguments.names
    chosen = [each for each in FAULTS if not names or any(name in each.name for name in names)]
    if not chosen:
        raise LocalCloudError(f"the name must be part of one of {', '.join(each.name for each in FAULTS)}, got {names}")
    wrong, began = 0, time.monotonic()
    own = _of_faults(session)
    with only_one(own.folder, print):
        try:
            own.start()
            (assets := own.folder / "assets").mkdir()
            for outcome in run(Stacks(own, assets), chosen):
                wrong += bool(outcome.missing)
                mark = f"WRONG, without {outcome.missing}" if outcome.missing else "as on AWS"
                print(f"{outcome.fault.name}: {outcome.found.status} after {outcome.seconds:.0f} s, {mark}")
                print(f"  {outcome.said}", flush=True)
        finally:
            own.remove()
    print(f"{len(chosen)} faults in {time.monotonic() - began:.0f} s, {wrong} of them not as on AWS")
    return 1 if wrong else 0


def _of_faults(session: Session) -> Session:
    return Session(session.folder.with_name(f"{session.folder.name}-faults"))


def _logs(session: Session, arguments: argparse.Namespace) -> int:
    consoles = session.consoles()
    for instance, text in consoles.items():
        print(f"== {instance}\n{text}")
    if not consoles:
        print("no instance has printed anything; run 'make local' first", file=sys.stderr)
    return 0


def _down(session: Session, arguments: argparse.Namespace) -> int:
    clock = Clock()
    for each in (session, _of_faults(session)):
        interrupt_holder(each.folder, clock.say)
        with only_one(each.folder, clock.say):
            each.remove(clock.say)
    clock.say("nothing runs, and nothing is left")
    return 0


def _words(arguments: argparse.Namespace) -> list[str]:
    """The command that is given: in words, or as one line."""
    try:
        return [*shlex.split(arguments.line), *arguments.words]
    except ValueError as problem:
        raise LocalCloudError(
            f"the command cannot be split into words ({problem}), got {arguments.line!r}; close its quotes"
        ) from None


def _regions(arguments: argparse.Namespace) -> Sequence[str]:
    """Those of a deployment: of the context, or its own."""
    given = [word.removeprefix("regions=") for word in arguments.context if word.startswith("regions=")]
    if given:
        return str(given[-1]).split(",")
    return GLOBAL_REGIONS if arguments.deployment == "global-datastore" else HOME


def _context(arguments: argparse.Namespace) -> list[str]:
    return ["-c", f"deployment={arguments.deployment}", *arguments.context]


if __name__ == "__main__":
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _interrupted)
    # What it writes is its user's alone.
    os.umask(0o077)
    sys.exit(main())
