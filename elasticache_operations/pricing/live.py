"""The Price List API, for `--live`."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from elasticache_operations.aws import Call
from elasticache_operations.context import Context
from elasticache_operations.pricing.price_list import PriceList

GET_PRODUCTS: Final = Call("pricing", "GetProducts", when="--live")
_ENDPOINT: Final = "us-east-1"
"""The region of the API; it answers the prices of every region."""


def live_prices(region: str, context: Context, *, whole: str | None = None) -> PriceList:
    """Today's prices of a region, read when they are needed.

    :param whole: a service whose prices in the region are read all at once, for a command that compares most node
        types. Default: only the prices that are needed, with one query for each.
    """
    read: dict[str, list[Mapping[str, Any]]] = {}

    def query(service: str, wanted: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()]
        with context.progress.step(f"reading prices of {service} in {region}"):
            pages = context.aws.pages(
                "pricing", "GetProducts", "PriceList", region=_ENDPOINT, ServiceCode=service, Filters=filters
            )
            yield from (json.loads(product) for product in pages)

    def fetch(service: str, wanted: Mapping[str, str]) -> Iterable[Mapping[str, Any]]:
        if service != whole:
            return query(service, wanted)
        if service not in read:
            read[service] = list(query(service, {"regionCode": region}))
        return read[service]

    return PriceList(region, fetch, context.as_of.isoformat(), live=True)
