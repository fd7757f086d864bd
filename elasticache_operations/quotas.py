"""`elasticache quotas`: whether the quotas of an account suffice for templates, before the deploy."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from elasticache_operations import quota_usage
from elasticache_operations.aws import Call
from elasticache_operations.context import Context, Outcome
from elasticache_operations.deployed_templates import GET_TEMPLATE
from elasticache_operations.quota_usage import Demand, demand_of, used
from elasticache_operations.report import Lines, Report, Source, Table
from elasticache_operations.templates import add_arguments, read_stacks
from elasticache_rules import facts

CALLS: Final[Sequence[Call]] = (
    GET_TEMPLATE,
    Call("service-quotas", "ListAWSDefaultServiceQuotas"),
    Call("service-quotas", "ListServiceQuotas"),
    Call("service-quotas", "ListRequestedServiceQuotaChangeHistory"),
    *quota_usage.CALLS,
)
_PENDING: Final = ("PENDING", "CASE_OPENED")


@dataclass(frozen=True, slots=True)
class Row:
    """One quota in one region.

    :param fact: the quota in the facts.
    :param default: the default of AWS.
    :param applied: the value of the account; None when it was not read.
    :param used: by the account; None when it was not read, or the quota is of one resource.
    :param added: what the templates add to it, or need in one resource.
    :param scope: the resource that needs the most; empty for a quota per Region.
    :param pending: the value of an increase that was requested.
    :param unknown: the resources whose number is only known at the deploy.
    :param code: of the quota; empty for a limit without one.
    """

    region: str
    fact: Mapping[str, Any]
    default: int
    applied: int | None
    used: int | None
    added: int
    adjustable: bool
    scope: str = ""
    pending: int | None = None
    unknown: Sequence[str] = ()
    code: str = ""

    @property
    def needed(self) -> int:
        """The value that suffices."""
        return (self.used or 0) + self.added

    @property
    def left(self) -> int:
        """What is left after the deploy; negative when the quota does not suffice."""
        return (self.default if self.applied is None else self.applied) - self.needed

    @property
    def request(self) -> str:
        """The command that asks for more; empty when it is not needed or not possible."""
        if self.left >= 0 or not self.adjustable or self.needed > self.fact.get("maximum", self.needed):
            return ""
        return (
            f"aws service-quotas request-service-quota-increase --service-code {self.fact['service']} "
            f"--quota-code {self.code} --desired-value {self.needed} --region {self.region}"
        )


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = (
        "Compares the quotas of the account with what templates need. With --offline it compares the defaults of AWS "
        "with the templates alone. Exit status 1: a quota does not suffice, or a number is only known at the deploy."
    )
    add_arguments(parser)
    parser.add_argument(
        "--against", metavar="PATH", help="what is deployed already and counted as used, such as stack:NAME"
    )


def run(arguments: argparse.Namespace, context: Context) -> Outcome:
    """Compare quotas with templates."""
    stacks = read_stacks(arguments.paths, context, arguments.set)
    deployed = demand_of(read_stacks([arguments.against], context)) if arguments.against else {}
    rows: list[Row] = []
    warnings: list[str] = []
    for region, demand in demand_of(stacks).items():
        account = None if context.offline else _Account(region, context, warnings)
        rows += _rows(region, demand, deployed.get(region, Demand()), account)
    short = [row for row in rows if row.left < 0]
    unknown = [row for row in rows if row.unknown]
    blocks: list[Table | Lines] = [_table(rows)] if rows else [Lines(["these templates add nothing that has a quota"])]
    blocks += [Lines([_unknown(row) for row in unknown])] if unknown else []
    for row in short:
        blocks.append(Lines([_shortage(row)]))
        if row.request:
            blocks.append(Lines([f"  {row.request}"], code=True))
    if context.offline and rows:
        blocks.append(Lines(["defaults of AWS, without the account's usage; leave --offline out to read the account"]))
    elif rows and not arguments.against:
        blocks.append(
            Lines(
                ["what is deployed already counts twice; name its stacks with --against, such as --against stack:NAME"]
            )
        )
    sources = [
        Source("default quotas: facts of this package", facts.load("quotas")["date"], live=False)
        if context.offline
        else Source("quotas and usage of the account", context.as_of.isoformat(), live=True)
    ]
    data = {"quotas": [_as_dict(row) for row in rows], "complete": not unknown}
    regions = sorted({stack.region for stack in stacks})
    status = 1 if short or unknown else 0
    return Outcome(Report(data, blocks, sources, warnings), status, regions[0] if len(regions) == 1 else None)


def _rows(region: str, demand: Demand, deployed: Demand, account: "_Account | None") -> Iterator[Row]:
    for fact in facts.load("quotas")["quotas"]:
        key = fact["key"]
        unknown = demand.unknown.get(key, [])
        scope = ""
        if fact["per_region"]:
            added = demand.counts.get(key, 0) - deployed.counts.get(key, 0)
            relevant = bool(demand.counts.get(key))
        else:
            added, scope = demand.largest.get(key, (0, ""))
            relevant = bool(added)
        if not relevant and not unknown:
            continue
        if account is None or "code" not in fact:
            code = fact.get("code", "")
            yield Row(region, fact, fact["default"], None, None, added, fact["adjustable"], scope, None, unknown, code)
            continue
        quota = account.quota(fact)
        in_use = account.used(key) if fact["per_region"] else None
        yield Row(
            region,
            fact,
            quota.default,
            quota.applied,
            in_use,
            added,
            quota.adjustable,
            scope,
            quota.pending,
            unknown,
            quota.code,
        )


@dataclass(frozen=True, slots=True)
class _Quota:
    default: int
    applied: int
    adjustable: bool
    pending: int | None
    code: str


class _Account:
    """The quotas of an account in a region, each service read once."""

    def __init__(self, region: str, context: Context, warnings: list[str]) -> None:
        self._region = region
        self._context = context
        self._warnings = warnings
        self._answers: dict[tuple[str, str], list[Mapping[str, Any]]] = {}

    def quota(self, fact: Mapping[str, Any]) -> _Quota:
        """The values of a quota; the default holds when no value is applied."""
        default = self._find(fact, "ListAWSDefaultServiceQuotas")
        applied = self._find(fact, "ListServiceQuotas") or default
        value = int(default["Value"]) if default is not None else int(fact["default"])
        adjustable = bool((applied or default or {}).get("Adjustable", fact["adjustable"]))
        code = str((applied or default or {}).get("QuotaCode", fact["code"]))
        wanted = [
            int(each["DesiredValue"])
            for each in self._read(fact["service"], "ListRequestedServiceQuotaChangeHistory", "RequestedQuotas")
            if each.get("QuotaCode") == code and each.get("Status") in _PENDING
        ]
        in_force = int(applied["Value"]) if applied is not None else value
        return _Quota(value, in_force, adjustable, max(wanted, default=None), code)

    def used(self, key: str) -> int:
        """How much of a quota the account uses."""
        return used(key, self._region, self._context)

    def _find(self, fact: Mapping[str, Any], operation: str) -> Mapping[str, Any] | None:
        """The quota with the code, if its name has the words; otherwise the one whose name has them."""
        listed = self._read(fact["service"], operation, "Quotas")
        by_code = next((each for each in listed if each.get("QuotaCode") == fact["code"]), None)
        if by_code is None or _has_words(by_code, fact):
            return by_code
        named = [each for each in listed if _has_words(each, fact)]
        instead = f"{named[0].get('QuotaCode')} is" if named else "the default of the facts is"
        warning = (
            f"the quota with the code {fact['code']} is named {by_code.get('QuotaName')!r}; {instead} used for "
            f"{fact['name']}"
        )
        if warning not in self._warnings:
            self._warnings.append(warning)
        return named[0] if named else None

    def _read(self, service: str, operation: str, listed: str) -> list[Mapping[str, Any]]:
        key = (service, operation)
        if key not in self._answers:
            with self._context.progress.step(f"reading quotas of {service} in {self._region}"):
                pages = self._context.aws.pages(
                    "service-quotas", operation, listed, region=self._region, ServiceCode=service
                )
                self._answers[key] = list(pages)
        return self._answers[key]


def _has_words(quota: Mapping[str, Any], fact: Mapping[str, Any]) -> bool:
    name = str(quota.get("QuotaName", "")).lower()
    return all(word in name for word in fact["words"])


def _unknown(row: Row) -> str:
    why = row.fact.get("unknown", "the number is only known at the deploy; set it with --set PARAMETER=VALUE")
    return f"not known: {row.fact['name']} for {', '.join(row.unknown)}: {why}"


def _shortage(row: Row) -> str:
    now = row.default if row.applied is None else row.applied
    what = f"{row.fact['name']} must be {row.needed}, is {now}" + (f", for {row.scope}" if row.scope else "")
    if row.pending is not None:
        return f"{what}; an increase to {row.pending} is requested already"
    if row.request:
        return f"{what}; ask for it, some minutes to days:"
    if row.adjustable:
        return f"{what}; it can be raised to {row.fact['maximum']} at most, so use fewer"
    return f"{what}; it cannot be raised, so use fewer"


def _table(rows: Sequence[Row]) -> Table:
    cells = []
    for row in rows:
        verdict = "TOO FEW" if row.left < 0 else "not known" if row.unknown else ""
        values = ("-" if value is None else str(value) for value in (row.default, row.applied, row.used))
        change = f"{row.added:+d}" if row.fact["per_region"] else str(row.added)
        raised = "yes" if row.adjustable else "no"
        named = row.fact["name"] + (f" ({row.scope})" if row.scope else "")
        cells.append((named, row.region, row.code or "-", *values, change, str(row.left), raised, verdict))
    columns = ("quota", "region", "code", ">default", ">applied", ">used", ">this app", ">left", "adjustable", "")
    return Table(columns, cells)


def _as_dict(row: Row) -> dict[str, Any]:
    return {
        "name": row.fact["name"],
        "code": row.code or None,
        "region": row.region,
        "scope": row.scope or None,
        "default": row.default,
        "applied": row.applied,
        "used": row.used,
        "added": row.added,
        "needed": row.needed,
        "left": row.left,
        "adjustable": row.adjustable,
        "sufficient": row.left >= 0,
        "pending": row.pending,
        "request": row.request or None,
        "unknown": ", ".join(row.unknown) or None,
    }
