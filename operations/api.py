"""The ElastiCache API: a client with short timeouts, and the classification of its errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any, Final

from operations.statuses import OperationError, Status

Client = Callable[[str], Any]
"""Creates a client of the ElastiCache API for a region."""

CONNECT_TIMEOUT: Final = 5
READ_TIMEOUT: Final = 10
MAX_ATTEMPTS: Final = 4
"""Attempts of one call, with botocore's backoff; a wait repeats calls that failed after these."""


class Kind(Enum):
    """The kinds of API errors."""

    NOT_FOUND = "not found"
    STATE = "refused in this state"
    ARGUMENT = "wrong argument"
    CREDENTIALS = "no valid credentials"
    PERMISSION = "no permission"
    THROTTLED = "throttled"
    UNREACHABLE = "not connected, so nothing was sent"
    LOST = "no answer, although the request may have arrived"
    OTHER = "other"


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
_CODES: Final = {
    Kind.NOT_FOUND: ("GlobalReplicationGroupNotFoundFault", "ReplicationGroupNotFoundFault"),
    Kind.STATE: ("InvalidGlobalReplicationGroupState", "InvalidReplicationGroupState"),
    Kind.ARGUMENT: ("InvalidParameterValue", "InvalidParameterCombination", "ValidationError", "MissingParameter"),
    Kind.CREDENTIALS: (
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "AuthFailure",
        "OptInRequired",
    ),
    Kind.PERMISSION: ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"),
    Kind.THROTTLED: (
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "APICallRateForCustomerExceeded",
        "SlowDown",
    ),
    Kind.LOST: ("RequestTimeout", "RequestTimeoutException", "InternalFailure", "InternalError", "ServiceUnavailable"),
}
_BY_CODE: Final = {code: kind for kind, codes in _CODES.items() for code in codes}
CLASSES: Final = {
    Kind.CREDENTIALS: (
        "NoCredentialsError",
        "PartialCredentialsError",
        "CredentialRetrievalError",
        "NoAuthTokenError",
        "TokenRetrievalError",
        "SSOError",
        "LoginError",
        "ProfileNotFound",
        "MetadataRetrievalError",
        "RefreshWithMFAUnsupportedError",
        "UnknownCredentialError",
    ),
    # Connection refused, no address, time-out of the connection, proxy, TLS.
    Kind.UNREACHABLE: ("ConnectionError",),
    Kind.LOST: ("HTTPClientError", "IncompleteReadError", "ResponseParserError"),
    Kind.ARGUMENT: ("ParamValidationError", "ValidationError", "BaseEndpointResolverError"),
    # An endpoint or a proxy that is not a URL is a ValueError; a file that cannot be read is an OSError.
    Kind.OTHER: ("BotoCoreError", "Boto3Error", "ValueError", "OSError"),
}
"""Names of exception classes, in the order of the checks; not every version of botocore defines all of them."""


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
        kind = _kind(problem)
        if kind is None:
            raise
        raise ApiError(kind, operation, region, _cause(problem)) from problem


def _kind(problem: Exception) -> Kind | None:
    """The kind of an exception; None for an exception that calls of botocore are not documented to raise."""
    response = getattr(problem, "response", None)
    if isinstance(response, dict):
        code = str(response.get("Error", {}).get("Code", ""))
        server_error = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
        unnamed = Kind.LOST if server_error else Kind.OTHER
        return _BY_CODE.get(code) or _BY_CODE.get(code.removesuffix("Fault").removesuffix("Exception")) or unnamed
    names = {cls.__name__ for cls in type(problem).__mro__}
    return next((kind for kind, classes in CLASSES.items() if names.intersection(classes)), None)


def _cause(problem: Exception) -> str:
    response = getattr(problem, "response", None)
    if isinstance(response, dict):
        error = response.get("Error", {})
        return f"{error.get('Code', 'no code')}: {error.get('Message') or 'no message'}"
    return f"{type(problem).__name__}: {problem}"
