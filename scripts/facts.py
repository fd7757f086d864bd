"""Refresh the facts that can be derived from cfn-lint and botocore, and print what changed (`make facts`)."""

import json
from collections.abc import Callable, Iterator
from importlib import metadata, resources
from pathlib import Path
from typing import Any

FACTS = Path(__file__).parents[1] / "elasticache_rules" / "facts"
_EXTENSIONS = "data/schemas/extensions"
_KEPT = (
    "$ref",
    "additionalProperties",
    "enum",
    "enumCaseInsensitive",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
    "properties",
    "required",
    "type",
)
# Both belong to EC2-Classic, which AWS has retired.
_DEAD = ("AWS::ElastiCache::SecurityGroup", "AWS::ElastiCache::SecurityGroupIngress")


def node_types() -> dict[str, Any]:
    """Node types by region, which cfn-lint generates from the AWS price list."""
    regions = {region: sorted(names) for region, names in _by_region("aws_elasticache_cachecluster/cachenodetype_enum")}
    types = sorted(set().union(*regions.values()))
    return {
        "source": f"cfn-lint {metadata.version('cfn-lint')}, node types by region (from the AWS price list)",
        "url": "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html",
        "date": _schema_date(),
        "types": types,
        "missing_by_region": {region: sorted(set(types) - set(offered)) for region, offered in sorted(regions.items())},
    }


def instance_types() -> dict[str, Any]:
    """EC2 instance types of all regions."""
    types: set[str] = set()
    for _, names in _by_region("aws_ec2_instance/instancetype_enum"):
        types.update(names)
    return {
        "source": f"cfn-lint {metadata.version('cfn-lint')}, EC2 instance types (from the AWS price list)",
        "url": "https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html",
        "date": _schema_date(),
        "types": sorted(types),
    }


def schema() -> dict[str, Any]:
    """The CloudFormation schemas of the ElastiCache types, without descriptions."""
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # noqa: PLC0415 - it takes a second

    types = sorted(
        name
        for name in PROVIDER_SCHEMA_MANAGER.get_resource_types("us-east-1")
        if name.startswith("AWS::ElastiCache::")
    )
    schemas = {}
    for name in types:
        if name not in _DEAD:
            whole = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
            schemas[name] = {
                "required": sorted(whole.get("required", ())),
                "create_only": _property_names(whole, "createOnlyProperties"),
                "conditional_create_only": _property_names(whole, "conditionalCreateOnlyProperties"),
                "properties": _named(whole["properties"]),
                "definitions": _named(whole.get("definitions", {})),
            }
    return {
        "source": f"cfn-lint {metadata.version('cfn-lint')}, CloudFormation resource schemas",
        "url": "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ElastiCache.html",
        "date": _schema_date(),
        "types": schemas,
    }


def service() -> dict[str, Any]:
    """The enumerations and the parameters in the service model of the API."""
    import botocore.session  # noqa: PLC0415 - it takes a second

    model = botocore.session.get_session().get_service_model("elasticache")
    shapes = {name: model.shape_for(name) for name in model.shape_names}
    operations = [name for name in model.operation_names if name.startswith(("Create", "Modify"))]
    return {
        "source": f"botocore {metadata.version('botocore')}, elasticache/2015-02-02",
        "url": "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/",
        "choices": {name: sorted(shape.enum) for name, shape in sorted(shapes.items()) if getattr(shape, "enum", None)},
        "parameters": {name: sorted(model.operation_model(name).input_shape.members) for name in sorted(operations)},
    }


DERIVED: dict[str, Callable[[], dict[str, Any]]] = {
    "node_types": node_types,
    "instance_types": instance_types,
    "schema": schema,
    "service": service,
}


def differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """The differences between two versions of a fact, one line per difference."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from differences(old.get(key), new.get(key), f"{path}/{key}")
    elif isinstance(old, list) and isinstance(new, list):
        yield from (f"{path}: added {item}" for item in new if item not in old)
        yield from (f"{path}: removed {item}" for item in old if item not in new)
    elif old != new:
        yield f"{path}: {old!r} -> {new!r}"


def _by_region(name: str) -> Iterator[tuple[str, list[str]]]:
    text = resources.files("cfnlint").joinpath(f"{_EXTENSIONS}/{name}.json").read_text()
    return ((region, entry["enum"]) for region, entry in json.loads(text).items() if region != "description")


def _schema_date() -> str:
    text = resources.files("cfnlint").joinpath("data/schemas/version.json").read_text()
    return str(next(iter(json.loads(text).values())))[:10]


def _property_names(whole: dict[str, Any], key: str) -> list[str]:
    return sorted({path.removeprefix("/properties/").split("/")[0] for path in whole.get(key, ())})


def _named(schemas: dict[str, Any]) -> dict[str, Any]:
    return {name: _stripped(schema) for name, schema in sorted(schemas.items())}


def _stripped(whole: Any) -> Any:
    if not isinstance(whole, dict):
        return whole
    kept = {key: value for key, value in whole.items() if key in _KEPT}
    if isinstance(kept.get("properties"), dict):
        kept["properties"] = _named(kept["properties"])
    if "items" in kept:
        kept["items"] = _stripped(kept["items"])
    return kept


def main() -> None:
    """Write every file and print the changes."""
    for name, derive in DERIVED.items():
        target = FACTS / f"{name}.json"
        old = json.loads(target.read_text()) if target.exists() else {}
        new = derive()
        target.write_text(json.dumps(new, indent=1) + "\n")
        lines = list(differences(old, new)) if old else ["new"]
        print(f"{target.name}: {len(lines)} changes", *(f"  {line}" for line in lines), sep="\n")


if __name__ == "__main__":
    main()
