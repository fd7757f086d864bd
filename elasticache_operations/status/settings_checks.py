"""Checks of a cache's state and settings: health, availability, backups, access, end of support, updates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from elasticache_operations.lines import surcharge_percent
from elasticache_operations.status.caches import Cache, CacheKind
from elasticache_operations.status.findings import Finding, Outcome, Passed, Severity, Skipped
from elasticache_rules import facts
from elasticache_rules.output import counted

_SOON: Final = 180
"""Days before the end of standard support from which it is a finding."""
_BUSY: Final = ("creating", "modifying", "snapshotting", "rebooting cluster nodes")
_DONE: Final = ("complete", "not-applicable")
_UPDATES: Final = {"critical": Severity.HIGH, "important": Severity.MEDIUM}
_VALKEY: Final = "upgrade to Valkey, which has no announced end: elasticache advise {id}"


@dataclass(frozen=True, slots=True)
class Support:
    """How long a version is supported.

    :param until: the last day of standard support; None if no end is announced.
    :param premium: percent of the price on demand that is added on this day.
    :param following: percent that is added after the end of standard support.
    :param removed: when AWS upgrades the cache by itself.
    """

    until: date | None = None
    premium: int = 0
    following: int = 0
    removed: date | None = None


def support(engine: str, major: int, today: date) -> Support:
    """The support of a major version on a day."""
    known = facts.load("engine_support")
    for row in known["rows"]:
        if (row["engine"], row["major"]) == (engine, str(major)):
            end = date.fromisoformat(row["end"])
            if "standard_until" not in row:
                return Support(end, removed=end)
            premiums = known["premium_percent_of_on_demand"]
            premium = surcharge_percent(engine, str(major), today)
            return Support(date.fromisoformat(row["standard_until"]), premium, premiums["year1"], end)
    return Support()


def settings_checks(cache: Cache, today: date, month: float | None) -> Iterator[Outcome]:
    """The outcome of each check that needs no metric.

    :param month: the price of the nodes in USD on demand, without a premium; None if it is not known.
    """
    yield _health(cache)
    yield _engine(cache, today, month)
    if cache.kind is not CacheKind.SERVERLESS and cache.engine != "memcached":
        yield from _availability(cache)
    if cache.engine != "memcached":
        yield _backups(cache)
    yield from _access(cache)
    if cache.kind is not CacheKind.SERVERLESS:
        yield _parameters(cache)
    yield _pending(cache)


def _health(cache: Cache) -> Outcome:
    ill = [member.cluster for member in cache.members if member.status != "available"]
    if cache.status == "available" and not ill:
        return Passed("health", "available")
    if cache.status in _BUSY:
        return Finding(
            check="health",
            severity=Severity.LOW,
            text=f"status {cache.status}",
            advice="wait until it is available, and run status again",
        )
    which = f", nodes not available: {', '.join(ill)}" if ill else ""
    return Finding(
        check="health",
        severity=Severity.MEDIUM if cache.status == "available" else Severity.CRITICAL,
        text=f"status {cache.status}{which}",
        advice=f"read the events: aws elasticache describe-events --source-identifier {(ill or [cache.id])[0]}",
    )


def _engine(cache: Cache, today: date, month: float | None) -> Outcome:
    found = support(cache.engine, cache.major, today)
    if found.until is None:
        return Passed("engine", f"{cache.engine} {cache.version}, no end of support announced")
    days = (found.until - today).days
    if days > _SOON:
        return Passed("engine", f"{cache.engine} {cache.version}, standard support until {found.until}")
    advice = _VALKEY.format(id=cache.id)
    if days >= 0:
        text = (
            f"standard support ends {found.until}, in {counted(days, 'day')}; then {_premium(found.following, month)}"
        )
        severity = Severity.MEDIUM
    else:
        extended = f", {_premium(found.premium, month)}" if found.premium else ""
        text = f"standard support ended {found.until}{extended}; AWS upgrades it from {found.removed}"
        severity = Severity.HIGH
    return Finding(
        check="engine", severity=severity, text=text, advice=advice, value=float(days), limit=_SOON, unit="days"
    )


def _premium(percent: int, month: float | None) -> str:
    amount = "" if month is None else f" ({month * percent / 100:,.2f} USD a month)"
    return f"+{percent} %{amount}"


def _availability(cache: Cache) -> Iterator[Outcome]:
    if cache.kind is CacheKind.CLUSTER or len(cache.members) <= cache.shards:
        yield Finding(
            check="replicas",
            severity=Severity.LOW,
            text="no replica: the data is lost with a node",
            advice="add a replica in another Availability Zone",
        )
        return
    yield Passed("replicas", f"{len(cache.members) // cache.shards - 1} a shard")
    if not cache.automatic_failover:
        yield Finding(
            check="failover",
            severity=Severity.MEDIUM,
            text="automatic failover is off",
            advice=f"aws elasticache modify-replication-group --replication-group-id {cache.id} "
            "--automatic-failover-enabled --multi-az-enabled --apply-immediately",
        )
    elif not cache.multi_az:
        yield Finding(
            check="failover",
            severity=Severity.MEDIUM,
            text=f"Multi-AZ is off, nodes in {', '.join(cache.zones) or 'unknown zones'}",
            advice=f"aws elasticache modify-replication-group --replication-group-id {cache.id} --multi-az-enabled "
            "--apply-immediately",
        )
    else:
        yield Passed("failover", f"automatic, Multi-AZ in {', '.join(cache.zones) or 'unknown zones'}")


def _backups(cache: Cache) -> Outcome:
    if cache.retention:
        return Passed("backups", f"kept {counted(cache.retention, 'day')}")
    return Finding(
        check="backups",
        severity=Severity.LOW,
        text="no automatic backups",
        advice="set a snapshot retention, unless the data can be built again",
    )


def _access(cache: Cache) -> Iterator[Outcome]:
    if not cache.in_transit:
        yield Finding(
            check="encryption",
            severity=Severity.MEDIUM,
            text="no encryption in transit",
            advice="turn on TLS; first with the mode preferred, then required",
        )
    else:
        at_rest = "in transit and at rest" if cache.at_rest else "in transit"
        yield Passed("encryption", at_rest)
    if cache.engine == "memcached":
        return
    if cache.authenticated:
        yield Passed("authentication", "users or a password")
    else:
        yield Finding(
            check="authentication",
            severity=Severity.MEDIUM,
            text="neither users nor a password",
            advice="create a user group, and attach it",
        )


def _parameters(cache: Cache) -> Outcome:
    if cache.reboot_needed:
        return Finding(
            check="parameters",
            severity=Severity.MEDIUM,
            text=f"changes of {cache.parameter_group} wait for a reboot",
            advice="reboot the nodes, replicas first",
        )
    return Passed("parameters", f"{cache.parameter_group or 'parameter group'} in sync")


def _pending(cache: Cache) -> Outcome:
    if cache.pending:
        return Finding(
            check="pending",
            severity=Severity.LOW,
            text=f"waiting for the maintenance window: {', '.join(cache.pending)}",
            advice="wait, or apply them immediately",
        )
    return Passed("pending", "no change pending")


def update_checks(cache: Cache, actions: Sequence[Mapping[str, Any]] | str, today: date) -> Iterator[Outcome]:
    """A finding for each service update that is not applied.

    :param actions: of DescribeUpdateActions; a text is the reason why they were not read.
    """
    if isinstance(actions, str):
        yield Skipped("updates", actions)
        return
    if cache.kind is CacheKind.SERVERLESS:
        yield Skipped("updates", "AWS updates serverless caches by itself")
        return
    names = {cache.id, *(member.cluster for member in cache.members)}
    own = [action for action in actions if {action.get("ReplicationGroupId"), action.get("CacheClusterId")} & names]
    open_ones = [action for action in own if action.get("UpdateActionStatus") not in _DONE]
    if not open_ones:
        yield Passed("updates", "no service update pending")
    for action in open_ones:
        yield _update(cache, action, today)


def _update(cache: Cache, action: Mapping[str, Any], today: date) -> Finding:
    name = str(action["ServiceUpdateName"])
    level = str(action.get("ServiceUpdateSeverity", ""))
    by = _day(action.get("ServiceUpdateRecommendedApplyByDate"))
    severity = _UPDATES.get(level, Severity.LOW)
    when = ""
    if by is not None:
        late = by < today
        severity = Severity.HIGH if late else severity
        when = f", {'should have been applied' if late else 'apply'} by {by}"
    kind = str(action.get("ServiceUpdateType", "update"))
    target = "--replication-group-ids" if cache.kind is CacheKind.GROUP else "--cache-cluster-ids"
    return Finding(
        check="updates",
        severity=severity,
        text=f"{name} ({kind}, {level}), {action.get('UpdateActionStatus', 'not-applied')}{when}",
        advice=f"aws elasticache batch-apply-update-action --service-update-name {name} {target} {cache.id}",
        value=None if by is None else float((by - today).days),
        unit="" if by is None else "days",
    )


def _day(moment: Any) -> date | None:
    if isinstance(moment, datetime):
        return moment.date()
    return date.fromisoformat(str(moment)[:10]) if moment else None
