"""Prices: a snapshot in the facts, or the Price List API, behind one interface."""

from elasticache_operations.pricing.book import Price, PriceBook, ServerlessPrice
from elasticache_operations.pricing.price_list import PriceList, read_offer_file
from elasticache_operations.pricing.snapshot import Snapshot

__all__ = ["Price", "PriceBook", "PriceList", "ServerlessPrice", "Snapshot", "read_offer_file"]
