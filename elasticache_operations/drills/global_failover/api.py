"""The ElastiCache API: a client with short timeouts, and the classification of its errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from elasticache_operations.aws_failures import Kind, cause_of, kind_of
from elasticache_operations.drills.global_failover.statuses import OperationError, Status

Client = Callable[[str], Any]
"""Creates a client of the ElastiCache API for a region."""

CONNECT_TIMEOUT: Final = 5
READ_TIMEOUT: Final = 10
MAX_ATTEMPTS: Final = 4
"""Attempts of one call, with botocore's backoff; a wait repeats calls that failed after these."""


_STATUSES: Final = {
    Kind.NOT_FOUND: Status.ARGUMENTS,
    Kind.STATE: Status.REFUSED,
    Kind.ARGUMENT: Status.ARGUMENTS,
    Kind.CREDENTIALS: Status.CREDENTIALS,
    Kind.PERMISSION: Status.CREDENTIALS,
}
_FIXES: Final = {
    Kind.NOT_FOUND: "check the id and the region",
    Kind.STATE: "look at the status and run the same command again",
    Kind.ARGUMENT: "check the options",
    Kind.CREDENTIALS: "set valid credentials of an account that has {region} enabled, and run the same command again",
    Kind.PERMISSION: "allow elasticache:{operation} in the policy of these credentials",
    Kind.THROTTLED: "wait, and run the same command again",
    Kind.UNREACHABLE: "check the region, the network, the proxy and AWS_CA_BUNDLE, and run the same command again",
    Kind.LOST: "run the same command again",
    Kind.OTHER: "correct what the message names, and run the same command again",
}


class ApiError(OperationError):
    """A call of the API that failed.

    :param kind: the kind of the error, which decides whether the call is repeated.
    """

    def __init__(self, kind: Kind, operation: str, region: str, cause: str) -> None:
        fix = _FIXES[kind].format(operation=operation, region=region)
        self.kind = kind
        self.cause = f"{operation} in {region} failed: {' '.join(cause.split()).rstrip('.')}"
        super().__init__(f"{self.cause}; {fix}", _STATUSES.get(kind, Status.UNAVAILABLE))

    @property
    def passes(self) -> bool:
        """Whether the same call can succeed later."""
        return self.kind in (Kind.THROTTLED, Kind.UNREACHABLE, Kind.LOST)


class Api:
    """ElastiCache in one region; each failure of a call is an `ApiError`."""

    def __init__(self, create: Client, region: str) -> None:
        self.region = region
        with _translated("creating the client", region):
            self._client = create(region)

    def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Call an operation, such as `DescribeReplicationGroups`."""
        from botocore import xform_name  # noqa: PLC0415 - the command must start without it

        with _translated(operation, self.region):
            answer: dict[str, Any] = getattr(self._client, xform_name(operation))(**arguments)
            return answer

    def pages(self, operation: str, listed: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """The items of all pages of an answer.

        :param listed: the name of the list in the answer.
        """
        marker: dict[str, str] = {}
        while True:
            answer = self.call(operation, **arguments, **marker)
            yield from answer.get(listed) or ()
            if not answer.get("Marker"):
                return
            marker = {"Marker": answer["Marker"]}


def client(region: str) -> Any:
    """Create a client of boto3, with short timeouts.

    :raises OperationError: without boto3.
    """
    try:
        import boto3  # noqa: PLC0415 - the command must start without it
        from botocore.config import Config  # noqa: PLC0415
    except ImportError as problem:
        raise OperationError(
            f"boto3 cannot be imported: {problem}; run `make setup` and `source .venv/bin/activate`, or "
            "`pip install boto3`",
            Status.NO_BOTO3,
        ) from None
    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": MAX_ATTEMPTS},
    )
    return boto3.client("elasticache", region_name=region, config=config)


@contextmanager
def _translated(operation: str, region: str) -> Iterator[None]:
    try:
        yield
    except OperationError:
        raise
    except Exception as problem:
        kind = kind_of(problem)
        if kind is None:
            raise
        raise ApiError(kind, operation, region, cause_of(problem)) from problem
