"""The colours and the fonts of plots and pages: those of `elasticache picture`, which this program does not import.

A test compares them with `elasticache_operations.picture.style`.
"""

from __future__ import annotations

from collections.abc import Mapping

FONT = '"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif'
BODY, HEADING = 13, 15
LIGHT = {
    "paper": "#ffffff",
    "ink": "#16202c",
    "soft": "#4b5968",
    "rule": "#7b8794",
    "region": "#f6f8fa",
    "zone": "#eef2f7",
    "path": "#1251a8",
    "main": "#b3261e",
    "added": "#0b6b2e",
    "changed": "#7d4a00",
    "focus": "#1251a8",
}
DARK = {
    "paper": "#10161d",
    "ink": "#eef2f6",
    "soft": "#b4c0cc",
    "rule": "#75838f",
    "region": "#161e27",
    "zone": "#1b2530",
    "path": "#7fb2ff",
    "main": "#f28b82",
    "added": "#6fd692",
    "changed": "#f0b45b",
    "focus": "#7fb2ff",
}


def variables(selector: str) -> str:
    """The colours as variables of a selector, in both schemes; what is printed is light."""

    def of(colours: Mapping[str, str]) -> str:
        return "".join(f"--{name}:{value};" for name, value in colours.items())

    return f"{selector}{{{of(LIGHT)}}}\n@media screen and (prefers-color-scheme:dark){{{selector}{{{of(DARK)}}}}}\n"
