"""Advice on serverless or nodes, from what a cache stores and serves on average."""

from typing import Final

from elasticache_operations.advise.advice import Advice, Target, Use, Verdict
from elasticache_operations.lines import HOURS
from elasticache_operations.node_prices import NodePrices

_GIGABYTE: Final = 2**30
_KILOBYTE: Final = 1024
_MILLION: Final = 1e6
_WORTH: Final = 0.1
"""A move between nodes and serverless has to save more than this part."""


def advise_serverless(target: Target, use: Use | str, prices: NodePrices) -> Advice:
    """Whether serverless would cost less than the nodes do."""
    hour, price = prices.node(target.node_type, target.engine), prices.serverless(target.engine)
    if hour is None or price is None:
        return Advice(topic="serverless", verdict=Verdict.UNKNOWN, text="serverless: prices are not known")
    nodes = hour * target.nodes * HOURS
    if isinstance(use, str):
        stored = nodes / (price.gigabyte * HOURS)
        figures = {
            "nodes": f"{nodes:,.2f} USD a month",
            "break-even": f"serverless costs as much with {stored:,.1f} GB stored and no operations; "
            f"each 1,000 ECPU/s take {1000 * 3600 * HOURS / _MILLION * price.million:,.2f} USD a month",
        }
        return Advice(
            topic="serverless", verdict=Verdict.UNKNOWN, text=f"serverless is not judged: {use}", figures=figures
        )
    gigabytes = max(use.stored / _GIGABYTE, price.least)
    units = max(use.operations, use.transferred / _KILOBYTE)
    storage = gigabytes * price.gigabyte * HOURS
    processing = units * 3600 * HOURS / _MILLION * price.million
    whole = storage + processing
    figures = {
        "nodes": f"{nodes:,.2f} USD a month",
        "serverless": f"{whole:,.2f} USD a month: {gigabytes:,.2f} GB {storage:,.2f}, "
        f"{units:,.0f} ECPU/s on average {processing:,.2f}",
    }
    if whole < nodes * (1 - _WORTH):
        return Advice(
            topic="serverless",
            verdict=Verdict.CHANGE,
            text="move to a serverless cache",
            saving=nodes - whole,
            figures=figures,
            steps=("create it from a snapshot: aws elasticache create-serverless-cache --snapshot-arns-to-restore",),
        )
    return Advice(topic="serverless", verdict=Verdict.KEEP, text="keep nodes", saving=0.0, figures=figures)
