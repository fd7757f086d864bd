"""How a stage ends that the user may not run in full, or whose cache is in a state that ends by itself."""

from __future__ import annotations

from typing import Callable, Optional

from connection_test.commands import Following
from connection_test.context import Context
from connection_test.failures import failure_of
from connection_test.report import StageFailure
from connection_test.resp import Connection, ReplyError


class StageSkipped(Exception):  # noqa: N818 - it is how a stage ends, and not an error
    """A stage that the user may not run; its text is the reason."""


class Unsettled(StageFailure):
    """A state that ends by itself, and that does not fail the stage if it lasts.

    :param result: the rest of the stage, which warns of the state.
    """

    def __init__(self, failure: StageFailure, result: Callable[[], Optional[str]]) -> None:
        super().__init__(failure.code, failure.cause, failure.action)
        self.result = result


def refusal(*names: str) -> str:
    """The reason why commands are not tested."""
    return f"the user may not run {' or '.join(name.upper() for name in names)}, as its access string says"


def must_refuse(context: Context, connection: Connection, *words: str, after: tuple[str, ...] = ()) -> None:
    """A command that the access string does not allow; a server that allows it is a warning.

    :param after: errors of the server that come after the check of the permission, such as READONLY.
    :raises StageFailure: when it is refused for another reason.
    """
    try:
        connection.call(*words)
    except ReplyError as reply:
        if reply.kind == "NOPERM":
            return
        if reply.kind not in after:
            raise failure_of(reply, words[0]) from None
    _warn_of_more(context, words[0])


def must_refuse_write(context: Context, connection: Following, key: str) -> None:
    """A write that the access string does not allow.

    :raises StageFailure: when it is refused for another reason.
    """
    try:
        connection.command("SET", key, "x", "EX", 60)
    except StageFailure as failure:
        if failure.code != "missing-permission":
            raise
        return
    _warn_of_more(context, "SET")


def _warn_of_more(context: Context, name: str) -> None:
    context.warn(
        "more-permissions",
        f"the user may run {name}, and the access string of the template does not allow it",
        "compare the access string of the user in ElastiCache with the template",
    )
