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
    "uniqueItems",
)
_ATTRIBUTES_OF = (
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::EC2::Instance",
    "AWS::EC2::KeyPair",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::GlobalReplicationGroup",
    "AWS::ElastiCache::ParameterGroup",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::ElastiCache::ServerlessCacheSnapshot",
    "AWS::ElastiCache::Snapshot",
    "AWS::ElastiCache::SubnetGroup",
    "AWS::ElastiCache::User",
    "AWS::ElastiCache::UserGroup",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
)
# Both belong to EC2-Classic, which AWS has retired.
_DEAD = ("AWS::ElastiCache::SecurityGroup", "AWS::ElastiCache::SecurityGroupIngress")

# Instance families without a price, which the API's model lists still.
_RETIRED = ("cc1", "cg1", "hi1")


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
    """EC2 instance types of all regions: those with a price, and those that the API takes already."""
    import botocore.session  # noqa: PLC0415 - it takes a second

    model = botocore.session.get_session().get_service_model("ec2")
    listed = model.shape_for("InstanceType").enum
    types = {name for name in listed if name.split(".")[0] not in _RETIRED}
    for _, names in _by_region("aws_ec2_instance/instancetype_enum"):
        types.update(names)
    return {
        "source": f"cfn-lint {metadata.version('cfn-lint')}, EC2 instance types (from the AWS price list), and "
        f"botocore {metadata.version('botocore')}, ec2",
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
                "read_only": _whole_properties(whole, "readOnlyProperties"),
                "conditional_create_only": _property_names(whole, "conditionalCreateOnlyProperties"),
                "unordered": sorted(
                    name for name, each in whole["properties"].items() if each.get("insertionOrder") is False
                ),
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


def attributes() -> dict[str, Any]:
    """What `Fn::GetAtt` takes of the types that a cache or its client refers to, and what each of them requires."""
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # noqa: PLC0415 - it takes a second

    found = {}
    for name in _ATTRIBUTES_OF:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name)
        found[name] = {"attributes": sorted(schema.get_atts), "required": sorted(schema.schema.get("required", ()))}
    return {
        "source": f"cfn-lint {metadata.version('cfn-lint')}, CloudFormation resource schemas",
        "url": "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",
        "date": _schema_date(),
        "types": found,
    }


DERIVED: dict[str, Callable[[], dict[str, Any]]] = {
    "node_types": node_types,
    "instance_types": instance_types,
    "attributes": attributes,
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


def behind(facts: Any, derived: Any) -> list[str]:
    """What the facts lack of what is derived; the facts may be ahead of it."""
    return [
        line
        for line in differences(facts, derived)
        if ": removed " not in line and not line.endswith(" -> None") and not line.startswith(("/source:", "/date:"))
    ]


def _by_region(name: str) -> Iterator[tuple[str, list[str]]]:
    text = resources.files("cfnlint").joinpath(f"{_EXTENSIONS}/{name}.json").read_text()
    return ((region, entry["enum"]) for region, entry in json.loads(text).items() if region != "description")


def _schema_date() -> str:
    text = resources.files("cfnlint").joinpath("data/schemas/version.json").read_text()
    return str(next(iter(json.loads(text).values())))[:10]


def _property_names(whole: dict[str, Any], key: str) -> list[str]:
    return sorted({path.removeprefix("/properties/").split("/")[0] for path in whole.get(key, ())})


def _whole_properties(whole: dict[str, Any], key: str) -> list[str]:
    """The properties that are listed in full; of others, only what is below them is."""
    return sorted(name for path in whole.get(key, ()) if "/" not in (name := path.removeprefix("/properties/")))


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
