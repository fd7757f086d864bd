"""Colours and style of the picture and its page, in light and dark.

Text has a contrast of at least 4.5 to what it stands on, and lines at least 3, in both schemes; a test computes them.
"""

from typing import Final

FONT: Final = '"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif'
LIGHT: Final = {
    "paper": "#ffffff",
    "ink": "#16202c",
    "soft": "#4b5968",
    "rule": "#7b8794",
    "region": "#f6f8fa",
    "vpc": "#ffffff",
    "zone": "#eef2f7",
    "client": "#eaf2ff",
    "path": "#1251a8",
    "cache": "#fff6f4",
    "main": "#b3261e",
    "on-main": "#ffffff",
    "copy": "#ffffff",
    "on-copy": "#8c1d18",
    "added": "#0b6b2e",
    "changed": "#7d4a00",
    "replaced": "#a3005c",
    "removed": "#4a4f57",
    "on-pill": "#ffffff",
    "focus": "#1251a8",
    "hit": "#ffd54a",
}
DARK: Final = {
    "paper": "#10161d",
    "ink": "#eef2f6",
    "soft": "#b4c0cc",
    "rule": "#75838f",
    "region": "#161e27",
    "vpc": "#10161d",
    "zone": "#1b2530",
    "client": "#152a47",
    "path": "#7fb2ff",
    "cache": "#2a1614",
    "main": "#f28b82",
    "on-main": "#2b0805",
    "copy": "#10161d",
    "on-copy": "#f6aea9",
    "added": "#6fd692",
    "changed": "#f0b45b",
    "replaced": "#ff8ac8",
    "removed": "#b9c1ca",
    "on-pill": "#10161d",
    "focus": "#7fb2ff",
    "hit": "#ffd54a",
}


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


_SHAPES: Final = (
    f".picture{{font-family:{FONT}}}"
    ".picture rect{rx:6px}"
    ".picture .region{fill:var(--region);stroke:var(--rule)}"
    ".picture .vpc{fill:var(--vpc);stroke:var(--rule)}"
    ".picture .zone{fill:var(--zone);stroke:var(--rule);stroke-dasharray:4 3}"
    ".picture .client{fill:var(--client);stroke:var(--path);stroke-width:1.5}"
    ".picture .source{stroke-dasharray:6 3}"
    ".picture .cache{fill:var(--cache);stroke:var(--main);stroke-width:1.5}"
    ".picture .database{fill:var(--region);stroke:var(--ink);stroke-width:1.5}"
    ".picture .node.main,.picture .cell{fill:var(--main);stroke:var(--main)}"
    ".picture .node.copy{fill:var(--copy);stroke:var(--main);stroke-width:1.5}"
    ".picture .strip{fill:var(--copy);stroke:var(--main);rx:1px}"
    ".picture .cell{rx:3px}"
    ".picture .cell[data-copy]{fill:var(--copy)}"
    ".picture .cell[data-copy]+.number{fill:var(--on-copy)}"
    ".picture .added{stroke:var(--added);stroke-width:3}"
    ".picture .changed{stroke:var(--changed);stroke-width:3}"
    ".picture .replaced{stroke:var(--replaced);stroke-width:4;stroke-dasharray:9 4}"
    ".picture .removed{stroke:var(--removed);stroke-width:3;stroke-dasharray:3 3}"
    ".picture .pill{rx:9px;stroke:none}"
    ".picture .pill.added{fill:var(--added)}.picture .pill.changed{fill:var(--changed)}"
    ".picture .pill.replaced{fill:var(--replaced)}.picture .pill.removed{fill:var(--removed)}"
    ".picture text{fill:var(--ink);font-size:11px}"
    ".picture .small{fill:var(--soft)}.picture .body{font-size:13px}.picture .heading{font-size:15px;font-weight:700}"
    ".picture .strong,.picture .label,.picture .pilled{font-weight:700}"
    ".picture .label.main,.picture .number{fill:var(--on-main)}.picture .label.copy{fill:var(--on-copy)}"
    ".picture .pilled{fill:var(--on-pill)}"
    ".picture .halo{paint-order:stroke;stroke:var(--zone);stroke-width:4px;stroke-linejoin:round}"
    ".picture .line{fill:none;stroke-width:2}"
    ".picture .line.path{stroke:var(--path)}.picture .head.path{fill:var(--path)}"
    ".picture .line.copies{stroke:var(--main);stroke-dasharray:4 3}.picture .head.copies{fill:var(--main)}"
    ".picture .cell.hit.hit{fill:var(--hit);stroke:var(--ink);stroke-width:3}.picture .hit+.number{fill:#16202c}"
    ".picture .node.main.hit{fill:var(--path);stroke:var(--ink);stroke-width:4}"
)
SVG_STYLE: Final = (
    f".picture{{{_variables(LIGHT)}}}@media (prefers-color-scheme:dark){{.picture{{{_variables(DARK)}}}}}{_SHAPES}"
)
PAGE_STYLE: Final = (
    f":root{{color-scheme:light;{_variables(LIGHT)}}}"
    f"@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{_variables(DARK)}}}}}"
    "*{box-sizing:border-box}"
    f"body{{margin:0 auto;padding:12px;max-width:1224px;background:var(--paper);color:var(--ink);font:16px/1.5 {FONT};"
    "overflow-wrap:anywhere}"
    "h1{font-size:1.6em;line-height:1.2;margin:.4em 0}h2{font-size:1.2em;margin:1.6em 0 .5em}"
    "h3{font-size:1em;margin:1.2em 0 .4em}"
    "p{max-width:75ch;margin:.5em 0}"
    ".from,.legend{color:var(--soft)}"
    ".picture{display:none;max-width:100%;height:auto}"
    ".w288{display:block}"
    "@media (min-width:400px){.w288{display:none}.w376{display:block}}"
    "@media (min-width:744px){.w376{display:none}.w720{display:block}}"
    "@media (min-width:1250px){.w720{display:none}.w1200{display:block}}"
    ".banner{border-left:5px solid var(--added);background:var(--region);padding:.6em 1em;margin:1em 0}"
    ".banner.decide{border-color:var(--replaced)}.banner p{margin:.2em 0}"
    ".key{border:1px solid var(--rule);border-radius:8px;background:var(--region);padding:.7em 1em;margin:1em 0}"
    ".key label{display:inline-block;margin-right:.6em}"
    ".key input{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--rule);border-radius:6px;"
    "padding:.3em .5em;width:16em;max-width:100%}"
    ":focus-visible{outline:3px solid var(--focus);outline-offset:2px}"
    "a{color:var(--path)}.picture a text{text-decoration:underline}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.45em .9em .45em 0;border-bottom:1px solid var(--rule)}"
    "th[scope=row]{font-weight:600}"
    ".facts th[scope=row],.cards:not(.facts) thead th{overflow-wrap:normal}"
    "@media (min-width:800px){.cards:not(.facts) td[data-label=Region]{white-space:nowrap}"
    ".name{overflow-wrap:break-word}}"
    'code{font-family:ui-monospace,Consolas,"DejaVu Sans Mono",monospace;font-size:.9em}'
    ".scroll{max-height:26em;overflow:auto}"
    ".scroll thead th{position:sticky;top:0;background:var(--paper)}"
    ":target{background:var(--zone)}"
    ".sign{display:inline-block;font-weight:700;white-space:nowrap}"
    ".sign.added{color:var(--added)}.sign.changed{color:var(--changed)}.sign.replaced{color:var(--replaced)}"
    ".sign.removed{color:var(--removed)}"
    "@media screen and (max-width:799px){.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%)}.cards,.cards tbody,.cards tr,.cards td,.cards th{display:block}"
    ".cards tr{border:1px solid var(--rule);border-radius:8px;padding:.4em .8em;margin:0 0 .8em}"
    ".cards td,.cards th{border:0;padding:.15em 0}"
    '.cards td[data-label]::before{content:attr(data-label) ": ";font-weight:600}}'
    "@media print{.key{display:none}.w288,.w376,.w720{display:none!important}.w1200{display:block!important}"
    ".scroll{max-height:none}body{max-width:none;padding:0}tr,svg{break-inside:avoid}}"
    f"{_SHAPES}"
)
