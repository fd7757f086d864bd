"""Calls of AWS with boto3, which is imported on the first call; each failure is an `InputError` or an `AwsError`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from elasticache_operations.aws_failures import Kind, cause_of, kind_of
from elasticache_operations.errors import AwsError, CommandError, InputError, one_of

CreateSession = Callable[..., Any]
"""Creates a session of boto3, with the arguments `profile_name` and `region_name`."""

CONNECT_TIMEOUT: Final = 5
READ_TIMEOUT: Final = 20
MAX_ATTEMPTS: Final = 4
"""Attempts of one call, with botocore's backoff."""

_PREFIXES: Final[Mapping[str, str]] = {"service-quotas": "servicequotas"}
"""Services whose IAM actions begin with another name than that of the client."""
_FIXES: Final = {
    Kind.NOT_FOUND: "check the name and the region",
    Kind.STATE: "run the command again when the change under way is complete",
    Kind.ARGUMENT: "check the options",
    Kind.CREDENTIALS: "set valid credentials of an account that has {region} enabled (aws sts get-caller-identity tests"
    " them), and check the clock",
    Kind.PERMISSION: "allow {action} in the policy of these credentials; elasticache policy prints the whole policy",
    Kind.THROTTLED: "wait, and run the command again",
    Kind.UNREACHABLE: "check the region, the network, the proxy and AWS_CA_BUNDLE",
    Kind.LOST: "run the command again",
    Kind.OTHER: "correct what the message names, and run the command again",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One operation that a subcommand can call; `elasticache policy` prints them as IAM actions.

    :param service: the name of the client in boto3, such as `service-quotas`.
    :param operation: the name in the API, such as `ListServiceQuotas`.
    :param when: the option with which the operation is called; empty: always.
    :param resource: the resources of the IAM statement, where the service supports them; `{cache}`, `{instance}` and
        `{secret}` stand for the values of the options of `elasticache policy`.
    :param condition: a condition key and the pattern of its value, such as a tag that the resource must have.
    """

    service: str
    operation: str
    when: str = ""
    resource: str = "*"
    condition: tuple[str, str] | None = None

    @property
    def action(self) -> str:
        """The IAM action, such as `servicequotas:ListServiceQuotas`."""
        return f"{_PREFIXES.get(self.service, self.service)}:{self.operation}"


def _boto3_session(**arguments: Any) -> Any:
    try:
        import boto3  # noqa: PLC0415 - what needs no AWS works without it
    except ImportError as problem:
        raise AwsError(f"boto3 cannot be imported: {problem}; install it with: pip install boto3") from None
    return boto3.Session(**arguments)


@dataclass(slots=True)
class Aws:
    """AWS with the credentials of a profile.

    :param region: the region of calls that name none. Default: that of the profile.
    :param profile: of the AWS configuration. Default: the default credentials.
    :param offline: refuse every call.
    :param create: creates the session; tests pass one with recorded answers.
    """

    region: str | None = None
    profile: str | None = None
    offline: bool = False
    create: CreateSession = _boto3_session
    _session: Any = field(default=None, init=False)
    _clients: dict[tuple[str, str, int], Any] = field(default_factory=dict, init=False)

    def call(self, service: str, operation: str, *, region: str | None = None, **arguments: Any) -> dict[str, Any]:
        """Call an operation, such as `elasticache` and `DescribeUsers`.

        :raises InputError: for something that does not exist, and for a wrong argument.
        :raises AwsError: for credentials, permissions, throttling and the network.
        """
        return self._call(MAX_ATTEMPTS, service, operation, region, arguments)

    def call_once(self, service: str, operation: str, *, region: str | None = None, **arguments: Any) -> dict[str, Any]:
        """Call an operation without repeating the request, because a second one would change something again.

        :raises InputError: for something that does not exist, and for a wrong argument.
        :raises AwsError: for credentials, permissions, throttling and the network.
        """
        return self._call(1, service, operation, region, arguments)

    def _call(
        self, attempts: int, service: str, operation: str, region: str | None, arguments: dict[str, Any]
    ) -> dict[str, Any]:
        client = self._client(service, operation, region, attempts)
        with _translated(service, operation, client.meta.region_name):
            answer: dict[str, Any] = client._make_api_call(operation, arguments)
            return answer

    def pages(
        self, service: str, operation: str, listed: str, *, region: str | None = None, **arguments: Any
    ) -> Iterator[Any]:
        """The items of all pages of an answer.

        :param listed: the name of the list in the answer.
        :raises InputError: for something that does not exist, and for a wrong argument.
        :raises AwsError: for credentials, permissions, throttling and the network.
        """
        given = dict(arguments)
        while True:
            answer = self.call(service, operation, region=region, **given)
            yield from answer.get(listed) or ()
            following = {name: answer[name] for name in ("Marker", "NextToken") if answer.get(name)}
            if not following:
                return
            given = {**arguments, **following}

    def default_region(self) -> str | None:
        """The region of `--region`, or of the profile; None without either, and offline."""
        if self.region is not None or self.offline:
            return self.region
        try:
            found = self.session().region_name
        except AwsError:
            return None
        return str(found) if found else None

    def session(self) -> Any:
        """The session of boto3.

        :raises InputError: for a profile that does not exist, and offline.
        :raises AwsError: without boto3.
        """
        if self.offline:
            raise InputError("--offline must not be set, because this needs AWS; leave --offline out")
        if self._session is None:
            try:
                self._session = self.create(profile_name=self.profile, region_name=self.region)
            except CommandError:
                raise
            except Exception as problem:
                if type(problem).__name__ == "ProfileNotFound":
                    profiles = self.create(profile_name=None, region_name=self.region).available_profiles
                    if not profiles:
                        raise InputError(
                            f"--profile must name a profile of the AWS configuration, got {str(self.profile)[:60]!r}, "
                            "and there is none; create it with: aws configure --profile NAME"
                        ) from None
                    raise one_of("--profile", str(self.profile), profiles) from None
                if kind_of(problem) is None:
                    raise
                raise AwsError(f"creating the session failed: {cause_of(problem)}; {_FIXES[Kind.OTHER]}") from problem
        return self._session

    def _client(self, service: str, operation: str, region: str | None, attempts: int) -> Any:
        session = self.session()
        where = region or self.region or session.region_name
        if not where:
            raise InputError(
                "--region must be set, because the profile has no region; write it like --region eu-west-1"
            )
        key = (service, where, attempts)
        if key not in self._clients:
            from botocore.config import Config  # noqa: PLC0415 - what needs no AWS works without it

            config = Config(
                connect_timeout=CONNECT_TIMEOUT,
                read_timeout=READ_TIMEOUT,
                retries={"mode": "standard", "total_max_attempts": attempts},
            )
            with _translated(service, operation, where):
                self._clients[key] = session.client(service, region_name=where, config=config)
        return self._clients[key]


@contextmanager
def _translated(service: str, operation: str, region: str) -> Iterator[None]:
    try:
        yield
    except CommandError:
        raise
    except Exception as problem:
        kind = kind_of(problem)
        if kind is None:
            raise
        response = getattr(problem, "response", None)
        code = str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
        fix = _FIXES[kind].format(region=region, action=Call(service, operation).action)
        message = f"{service} {operation} in {region} failed: {cause_of(problem).rstrip('.')}; {fix}"
        if kind in (Kind.NOT_FOUND, Kind.ARGUMENT):
            raise InputError(message) from problem
        raise AwsError(message, code, lost=kind is Kind.LOST) from problem
