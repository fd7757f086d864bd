"""The rules, one module per subject."""


def register_all() -> None:
    """Import every module of rules, so that each registers what it holds."""
    from elasticache_rules.rules import (  # noqa: F401, PLC0415 - importing is registering
        access,
        access_string,
        auto_scaling,
        backup,
        client,
        durability,
        encryption,
        engine,
        global_datastore,
        log_delivery,
        memcached,
        names,
        network,
        node_type,
        outposts,
        parameters,
        placement,
        schema,
        serverless,
        shards,
        topology,
    )
