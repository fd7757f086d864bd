"""The Price List API, for `--live`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from elasticache_operations.aws import Call
from elasticache_operations.context import Context
from elasticache_operations.pricing.price_list import PriceList

GET_PRODUCTS: Final = Call("pricing", "GetProducts", when="--live")
_ENDPOINT: Final = "us-east-1"
"""The region of the API; it answers the prices of every region."""


def live_prices(region: str, context: Context) -> PriceList:
    """Today's prices of a region, read when they are needed."""

    def fetch(service: str, wanted: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()]
        with context.progress.step(f"reading prices of {service} in {region}"):
            pages = context.aws.pages(
                "pricing", "GetProducts", "PriceList", region=_ENDPOINT, ServiceCode=service, Filters=filters
            )
            yield from (json.loads(product) for product in pages)

    return PriceList(region, fetch, context.as_of.isoformat(), live=True)
