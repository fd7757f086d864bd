"""The style that timelines and the tables of their pages add to that of pictures; the colours are the same."""

from typing import Final

TIMELINE_SHAPES: Final = (
    ".picture .grid{stroke:var(--rule);stroke-width:1;stroke-dasharray:2 4}"
    ".picture .answered{fill:var(--path);rx:1px}"
    ".picture .gap{fill:var(--main);rx:0}"
    ".picture .gap.open{fill:var(--paper);stroke:var(--main);stroke-width:1.5;stroke-dasharray:4 3}"
    ".picture .step{fill:var(--client);stroke:var(--path);stroke-width:1.5;rx:2px}"
    ".picture .move{fill:var(--paper);stroke:var(--ink);stroke-width:2}"
    ".picture .onregion{paint-order:stroke;stroke:var(--region);stroke-width:4px;stroke-linejoin:round}"
    ".picture a .onregion{stroke:none}"
)
TIMELINE_TABLES: Final = (
    "thead th{overflow-wrap:normal}.whole{white-space:nowrap}"
    ".dense table{min-width:44em}.dense td{overflow-wrap:break-word}"
    "@media screen and (max-width:799px){.dense{max-height:26em}}"
)
