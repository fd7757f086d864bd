"""Classification of the errors that calls of AWS raise; botocore is not imported for it."""

from enum import Enum
from typing import Final


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


_CODES: Final = {
    Kind.NOT_FOUND: (
        "GlobalReplicationGroupNotFoundFault",
        "ReplicationGroupNotFoundFault",
        "NoSuchResourceException",
    ),
    Kind.STATE: ("InvalidGlobalReplicationGroupState", "InvalidReplicationGroupState"),
    Kind.ARGUMENT: (
        "InvalidParameterValue",
        "InvalidParameterCombination",
        "ValidationError",
        "MissingParameter",
        "InvalidInstanceId",
    ),
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
        "RequestTimeTooSkewed",
        "SubscriptionRequiredException",
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


def kind_of(problem: Exception) -> Kind | None:
    """The kind of an exception; None for an exception that calls of botocore are not documented to raise."""
    response = getattr(problem, "response", None)
    if isinstance(response, dict):
        code = str(response.get("Error", {}).get("Code", ""))
        server_error = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
        short = code.removesuffix("Fault").removesuffix("Exception")
        unnamed = Kind.LOST if server_error else Kind.NOT_FOUND if short.endswith("NotFound") else Kind.OTHER
        return _BY_CODE.get(code) or _BY_CODE.get(short) or unnamed
    names = {cls.__name__ for cls in type(problem).__mro__}
    return next((kind for kind, classes in CLASSES.items() if names.intersection(classes)), None)


def cause_of(problem: Exception) -> str:
    """The code and the message of a service's error, or the name and the message of an exception."""
    response = getattr(problem, "response", None)
    if isinstance(response, dict):
        error = response.get("Error", {})
        return f"{error.get('Code', 'no code')}: {error.get('Message') or 'no message'}"
    return f"{type(problem).__name__}: {problem}"
