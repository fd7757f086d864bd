"""The report of `elasticache cost`: tables of the cost and of the difference, and the JSON document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from elasticache_operations.lines import Line
from elasticache_operations.pricing import PriceBook, Snapshot
from elasticache_operations.pricing.snapshot import age_warning, section_warning
from elasticache_operations.report import Lines, Report, Source, Table
from elasticache_operations.reserved import Offers
from elasticache_operations.templates import Stack
from elasticache_rules.template import Resource

_NOT_COUNTED: Final = {
    "AWS::EC2::NatGateway": "NAT gateways",
    "AWS::EC2::VPCEndpoint": "interface endpoints",
    "AWS::SecretsManager::Secret": "secrets",
    "AWS::Logs::LogGroup": "CloudWatch logs",
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::Dashboard": "dashboards",
    "AWS::ElastiCache::GlobalReplicationGroup": "replication traffic between regions",
    "AWS::RDS::DBInstance": "backups of databases",
    "AWS::RDS::DBCluster": "storage and I/O of Aurora",
    "AWS::ApplicationAutoScaling::ScalableTarget": "what scaling adds",
}


_TRAFFIC: Final = "traffic between zones (0.01 USD/GB each way, on the client's side)"


@dataclass(frozen=True, slots=True)
class Costs:
    """The cost of templates.

    :param old: the lines of the templates to compare with; None without any.
    :param offers: of reserved nodes and savings plans; None when they were not read.
    :param budget: USD in a month; None without one.
    """

    stacks: Sequence[Stack]
    lines: Sequence[Line]
    old: Sequence[Line] | None
    offers: Offers | None
    books: Sequence[PriceBook]
    budget: float | None

    @property
    def unknown(self) -> list[Line]:
        """The lines whose cost is not known."""
        return [line for line in self.lines if line.per_month is None]

    @property
    def exceeded(self) -> bool:
        """Whether what is known exceeds the budget already."""
        return self.budget is not None and round(total(self.lines), 2) > self.budget

    def report(self, as_of: date) -> Report:
        """The tables and the JSON document."""
        snapshot = any(isinstance(book, Snapshot) for book in self.books)
        warnings = [age_warning(as_of) if snapshot else "", *(section_warning(as_of, each) for each in self._others())]
        return Report(self._data(), list(self._blocks(as_of)), self._sources(), [each for each in warnings if each])

    def _sources(self) -> list[Source]:
        return [*(book.source for book in self.books), *self._others()]

    def _others(self) -> list[Source]:
        """The sources of prices with another one than that of their book: a section of the snapshot with its date."""
        own = {book.source for book in self.books}
        found = [line.price.source for line in (*self.lines, *(self.old or ())) if line.price.source is not None]
        return sorted({source for source in found if source not in own}, key=lambda source: source.what)

    def _blocks(self, as_of: date) -> list[Table | Lines]:
        if not self.lines:
            return [Lines(["no cache, client or database is in these templates"])]
        blocks: list[Table | Lines] = [_table(self.lines)]
        if self.unknown:
            blocks.append(Lines([f"not known: {_name(line)}: {line.why}" for line in self.unknown]))
        if self.old is not None:
            blocks.append(_difference_table(self.lines, self.old))
        if self.budget is not None:
            blocks.append(Lines([self._verdict(self.budget)]))
        if self.offers is not None:
            blocks += self.offers.blocks()
        notes = [f"not counted: {', '.join([_TRAFFIC, *_left_out(self.stacks)])}"]
        notes += [source.line(as_of) for source in self._sources()]
        if self.offers is None:
            notes.append("reserved nodes and savings plans are read with --live")
        return [*blocks, Lines(notes)]

    def _verdict(self, budget: float) -> str:
        least = "at least " if self.unknown else ""
        word = "exceeds" if self.exceeded else "cannot be compared with" if self.unknown else "is within"
        return f"{least}{total(self.lines):,.2f} USD a month {word} the budget of {budget:,.2f}"

    def _data(self) -> dict[str, Any]:
        return {
            "lines": [_as_dict(line) for line in self.lines],
            "resources": _resources(self.lines),
            "total": {"usd_month": round(total(self.lines), 2), "complete": not self.unknown},
            "budget": None if self.budget is None else {"usd_month": self.budget, "exceeded": self.exceeded},
            "difference": None if self.old is None else _difference(self.lines, self.old),
            "offers": None if self.offers is None else self.offers.as_list(),
            "serverless_offers": None if self.offers is None else self.offers.serverless_list(),
            "not_counted": [_TRAFFIC, *_left_out(self.stacks)],
        }


def _left_out(stacks: Sequence[Stack]) -> list[str]:
    every = [each for stack in stacks for each in stack.template.resources.values()]
    return sorted({_NOT_COUNTED[each.type] for each in every if each.type in _NOT_COUNTED and not _is_free(each)})


def _is_free(resource: Resource) -> bool:
    """Whether it is a gateway endpoint, the default of VPC endpoints."""
    return resource.type == "AWS::EC2::VPCEndpoint" and resource.get("VpcEndpointType") in (None, "Gateway")


def total(lines: Sequence[Line]) -> float:
    """The cost in a month of the lines whose cost is known."""
    return sum(line.per_month or 0.0 for line in lines)


def _name(line: Line) -> str:
    return f"{line.place.stack} {line.place.logical_id}, {line.what}"


def _usd(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _quantity(line: Line) -> str:
    if line.quantity is None:
        return "not known"
    number = f"{line.quantity:,.2f}".rstrip("0").rstrip(".")
    return f"{number} {line.unit.removesuffix('s') if number == '1' else line.unit}"


def _table(lines: Sequence[Line]) -> Table:
    rows: list[tuple[str, ...]] = []
    resource = ""
    for line in lines:
        name = f"{line.place.stack}/{line.place.logical_id}"
        quantity = _quantity(line)
        month = "not known" if line.per_month is None else _usd(line.per_month)
        shown = name if name != resource else ""
        rows.append((shown, line.place.region, line.what, quantity, _usd(line.per_hour, 4), month))
        resource = name
    whole = f"{'' if _known(lines) is not None else 'at least '}{_usd(total(lines))}"
    rows.append(("total", "", "", "", "", whole))
    return Table(("resource", "region", "what", ">quantity", ">USD/hour", ">USD/month"), rows)


def _as_dict(line: Line) -> dict[str, Any]:
    month, hour = line.per_month, line.per_hour
    return {
        "stack": line.place.stack,
        "region": line.place.region,
        "logical_id": line.place.logical_id,
        "what": line.what,
        "quantity": line.quantity,
        "unit": line.unit,
        "usd_per_unit": line.price.usd,
        "usd_hour": None if hour is None else round(hour, 6),
        "usd_month": None if month is None else round(month, 2),
        "unknown": line.why or None,
    }


def _by_resource(lines: Sequence[Line]) -> dict[tuple[str, str], list[Line]]:
    result: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        result.setdefault((line.place.stack, line.place.logical_id), []).append(line)
    return result


def _resources(lines: Sequence[Line]) -> list[dict[str, Any]]:
    return [
        {
            "stack": stack,
            "logical_id": logical_id,
            "usd_month": round(total(group), 2),
            "complete": all(line.per_month is not None for line in group),
        }
        for (stack, logical_id), group in _by_resource(lines).items()
    ]


def _difference(lines: Sequence[Line], old: Sequence[Line]) -> list[dict[str, Any]]:
    """The resources whose cost differs, or is not known on one side."""
    new_groups, old_groups = _by_resource(lines), _by_resource(old)
    result = []
    for key in [*old_groups, *(key for key in new_groups if key not in old_groups)]:
        before, after = (_known(groups.get(key, [])) for groups in (old_groups, new_groups))
        if before is None or after is None or round(before, 2) != round(after, 2):
            change = None if before is None or after is None else round(after - before, 2)
            result.append(
                {
                    "stack": key[0],
                    "logical_id": key[1],
                    "before_usd_month": None if before is None else round(before, 2),
                    "after_usd_month": None if after is None else round(after, 2),
                    "change_usd_month": change,
                }
            )
    return result


def _known(lines: Sequence[Line]) -> float | None:
    return None if any(line.per_month is None for line in lines) else total(lines)


def _difference_table(lines: Sequence[Line], old: Sequence[Line]) -> Table:
    rows = [
        (
            f"{each['stack']}/{each['logical_id']}",
            *("not known" if each[key] is None else _usd(each[key]) for key in ("before_usd_month", "after_usd_month")),
            "not known" if each["change_usd_month"] is None else f"{each['change_usd_month']:+,.2f}",
        )
        for each in _difference(lines, old)
    ]
    before, after = _known(old), _known(lines)
    change = "not known" if before is None or after is None else f"{after - before:+,.2f}"
    rows.append(("total", *("not known" if each is None else _usd(each) for each in (before, after)), change))
    return Table(("difference", ">before USD/month", ">after USD/month", ">change"), rows)
