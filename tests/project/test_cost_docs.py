"""docs/cost.md and the README's figures of cost are those of `elasticache cost`."""

import re
from pathlib import Path

from scripts.cost_docs import REGION, document, lines, readme
from stacks.deployments import DEPLOYMENTS
from tests.conftest import ROOT
from tests.stacks.assembly import assembly

EXTRA = {"global-datastore": (("regions", f"{REGION},eu-west-1"),)}


def assemblies() -> dict[str, Path]:
    """The cloud assembly of each deployment, in the region of the bundled prices."""
    return {
        name: assembly(("deployment", name), *EXTRA.get(name, (("region", REGION),))).folder for name in DEPLOYMENTS
    }


def test_the_page_is_current() -> None:
    assert (ROOT / "docs" / "cost.md").read_text() == document(assemblies()), "run 'make docs'"


def test_the_figures_of_the_readme_are_those_of_the_command() -> None:
    """The first sentence must be there as it is generated; the one on snapshots only has to agree where it is."""
    text = " ".join((ROOT / "README.md").read_text().split())
    folders = assemblies()
    database = lines(folders["rds-behind-cache"])
    assert all(line.per_month is not None for line in database)
    sentence, snapshots = readme(lines(next(iter(folders.values()))), database).split(" The snapshots ")
    assert sentence in text, f"write {sentence!r} in the README"
    assert re.findall(r"The snapshots (beyond the free one add at most [0-9.]+\.)", text) in ([], [snapshots])
