"""The internals of the emulator that this package uses, all of which are checked at the start."""

import contextlib
import importlib
import inspect
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, Final

VERSION: Final = "1.5.33"

# The names that are used of each module.
_USED: Final = {
    "app": ("SERVICE_HANDLERS", "_routing_params", "app", "main"),
    "core.iam_actions": ("access_denied_response", "extract_iam_action", "extract_resource_arn"),
    "core.iam_evaluator": (
        "AuthError",
        "EvalContext",
        "enforce",
        "evaluate",
        "evaluate_resource_policy",
        "pin_request_origin",
        "pin_signed_body",
        "pin_signed_request",
        "resolve_principal",
    ),
    "core.responses": ("get_account_id", "get_region", "set_request_account_id", "set_request_region"),
    "core.router": ("SERVICE_PATTERNS", "detect_service", "extract_access_key_id"),
    "core.sigv4": ("header_signature_failure", "parse_header_signature", "request_time_failure"),
    "services.cloudwatch": ("record_metric",),
    "services.cloudformation.changesets": ("_add_event",),
    "services.cloudformation.engine": ("_resolve_refs",),
    "services.cloudformation.handlers": ("_add_event",),
    "services.cloudformation.provisioners": ("_RESOURCE_HANDLERS", "_custom_resource_create", "_requires_replacement"),
    "services.cloudformation.stacks": ("_add_event", "_runs_on_worker_thread"),
    "services.cloudformation.wait_conditions": ("SIGNAL_PATH", "_handles", "deliver_signal"),
    "services.ec2": (
        "_route_tables",
        "_security_groups",
        "_vpc_endpoints",
        "_subnets",
        "exec_in_instance_blocking",
    ),
    "services.elasticache": ("_record_event", "handle_request"),
    "services.iam": ("_instance_profiles",),
    "services.rds": (
        "_cluster_xml",
        "_clusters",
        "_create_cluster_snapshot_internal",
        "_create_snapshot_internal",
        "_error",
        "_instances",
        "_single_instance_response",
        "_xml",
        "handle_request",
    ),
    "services.secretsmanager": ("_secrets",),
    "services.ssm": ("_finish_invocation", "_managed_instance_ids"),
    "services.sts": ("_sessions", "register_session"),
}
# The types whose handlers are wrapped, and the parameters of `create`.
_WRAPPED: Final = (
    "AWS::EC2::VPC",
    "AWS::ElastiCache::User",
    "AWS::ElastiCache::UserGroup",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBClusterParameterGroup",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBParameterGroup",
    "AWS::SecretsManager::Secret",
)
_CREATE: Final = ["logical_id", "props", "stack_name"]


class EmulatorError(RuntimeError):
    """The emulator lacks internals that the handlers use; the message names them."""


class Emulator:
    """The modules of the emulator, by the last word of their names: `emulator.ec2`, `emulator.sts`.

    :raises EmulatorError: when the version is another one, or something that is used is missing or has changed.
    """

    def __init__(self) -> None:
        if version("ministack") != VERSION:
            raise EmulatorError(f"ministack must be {VERSION}, got {version('ministack')}; run 'make local-setup'")
        self._modules: dict[str, Any] = {}
        missing = []
        for name, used in _USED.items():
            try:
                module = importlib.import_module(f"ministack.{name}")
            except ImportError:
                missing.append(name)
                continue
            self._modules[name.rpartition(".")[2]] = module
            missing += [f"{name}.{attribute}" for attribute in used if not hasattr(module, attribute)]
        handlers = getattr(self._modules.get("provisioners"), "_RESOURCE_HANDLERS", {})
        for kind in _WRAPPED:
            create = handlers.get(kind, {}).get("create")
            if create is None or list(inspect.signature(create).parameters) != _CREATE:
                missing.append(f"{kind}: create({', '.join(_CREATE)})")
        if missing:
            raise EmulatorError(
                f"ministack {VERSION} does not have {', '.join(missing)}; run 'make local-setup', or adapt "
                "local_cloud/internals.py to the new version"
            )

    def __getattr__(self, name: str) -> Any:
        try:
            return self._modules[name]
        except KeyError:
            raise AttributeError(name) from None

    @contextlib.contextmanager
    def inside(self, account: str, region: str) -> Iterator[None]:
        """Set the account and the region of this thread within a block; the emulator separates its state by both."""
        before = self.account_and_region
        self._enter(account, region)
        try:
            yield
        finally:
            self._enter(*before)

    def _enter(self, account: str, region: str) -> None:
        self.responses.set_request_account_id(account)
        self.responses.set_request_region(region)

    @property
    def account_and_region(self) -> tuple[str, str]:
        """The account and the region of this thread."""
        return self.responses.get_account_id(), self.region

    @property
    def region(self) -> str:
        """The region of this thread."""
        return str(self.responses.get_region())
