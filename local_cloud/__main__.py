"""The command: `python -m local_cloud up | deploy DEPLOYMENT | logs | down`."""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from local_cloud.session import ROOT, LocalCloudError, Session
from scripts.fetch_servers import TOOLS, ServerMissingError

FOLDER = TOOLS / "local"


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(
        prog="local_cloud", description="Deploys on this machine, without an account: emulator, real servers, sandbox."
    )
    made.add_argument("--folder", type=Path, default=FOLDER, help="where everything is written (default: .tools/local)")
    commands = made.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start the emulator, and bootstrap it")
    deploy = commands.add_parser("deploy", help="deploy with the CDK CLI, and print the connection test's report")
    deploy.add_argument("deployment", help="such as cluster-mode-disabled")
    deploy.add_argument("context", nargs=argparse.REMAINDER, help="more for the CLI, such as -c replicas=2")
    commands.add_parser("logs", help="print what the instances have printed")
    commands.add_parser("down", help="end every process, and remove every file")
    return made


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    arguments = parser().parse_args(words)
    session = Session(arguments.folder.resolve())
    try:
        if arguments.command == "up":
            return _up(session)
        if arguments.command == "deploy":
            return _up(session) or _deploy(session, arguments.deployment, arguments.context)
        if arguments.command == "logs":
            for instance, text in session.consoles().items():
                print(f"== {instance}\n{text}")
            return 0
    except (LocalCloudError, ServerMissingError) as problem:
        print(f"local_cloud: {problem}", file=sys.stderr)
        return 1
    session.stop()
    shutil.rmtree(session.folder, ignore_errors=True)
    return 0


def _up(session: Session) -> int:
    if session.pid is not None:
        return 0
    print("starting the emulator", flush=True)
    session.start()
    print(f"bootstrapping it, at {session.environment['AWS_ENDPOINT_URL']}", flush=True)
    return _cdk(session, "bootstrap", "aws://000000000000/us-east-1", quiet=True)


def _deploy(session: Session, deployment: str, context: Sequence[str]) -> int:
    known = set(session.consoles())
    words = ["deploy", "--all", "--require-approval", "never", "-c", f"deployment={deployment}", *context]
    status = _cdk(session, *words)
    for instance, text in session.consoles().items():
        if instance not in known:
            print(f"\n{instance}\n{text.rsplit('signal: ', 1)[0].strip()}")
    return status


def _cdk(session: Session, *words: str, quiet: bool = False) -> int:
    """The CDK CLI, which prints its progress as it goes; what it looks up is written to the run's folder."""
    settings = json.loads((ROOT / "cdk.json").read_text())
    app = shlex.join([sys.executable, str(ROOT / "app.py")])
    (session.folder / "cdk.json").write_text(json.dumps({**settings, "app": app}))
    environment = {**os.environ, **session.environment}
    environment.pop("AWS_PROFILE", None)
    done = subprocess.run(
        ["cdk", *words, "--no-notices"],
        cwd=session.folder,
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
