"""Derive elasticache_rules/facts/node_types.json from cfn-lint's table of node types by region."""

import json
from importlib import metadata, resources
from pathlib import Path

TARGET = Path(__file__).parents[1] / "elasticache_rules" / "facts" / "node_types.json"


def derive() -> dict[str, object]:
    """Read the table that cfn-lint generates from the AWS price list."""
    table = resources.files("cfnlint").joinpath(
        "data/schemas/extensions/aws_elasticache_cachecluster/cachenodetype_enum.json"
    )
    entries = json.loads(table.read_text())
    regions = {region: sorted(entry["enum"]) for region, entry in entries.items() if region != "description"}
    types = sorted(set().union(*regions.values()))
    return {
        "source": f"cfn-lint {metadata.version('cfn-lint')}, node types by region (from the AWS price list)",
        "url": "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html",
        "date": "2026-10-20",
        "types": types,
        "missing_by_region": {region: sorted(set(types) - set(there)) for region, there in sorted(regions.items())},
    }


def main() -> None:
    """Write the file."""
    TARGET.write_text(json.dumps(derive(), indent=1) + "\n")
    print(f"wrote {TARGET.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
