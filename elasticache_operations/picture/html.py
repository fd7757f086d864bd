"""Parts of the pages: the document with its content security policy, sections and tables."""

import base64
import hashlib
from collections.abc import Iterable, Sequence

from elasticache_operations.picture.text import safe


def document(title: str, body: Iterable[str], *, style: str, script: str = "") -> str:
    """A page that loads nothing: its style and its script are in it, and its policy allows these alone.

    :param title: as text.
    :param body: markup; empty parts are left out.
    """
    policy = f"default-src 'none'; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'"
    if script:
        policy += f"; script-src '{_hash(script)}'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in body if part)
        + f"\n</main>\n{f'<script>{script}</script>' if script else ''}\n</body>\n</html>\n"
    )


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def section(title: str, content: str) -> str:
    """A section with a heading; empty without content."""
    return f"<section><h2>{title}</h2>{content}</section>" if content else ""


def scrolling(label: str, content: str, *, high: bool) -> str:
    """A part that scrolls by itself and takes the focus.

    :param label: its accessible name.
    :param high: whether its height is limited too.
    """
    kind = "scroll" if high else "wide"
    return f'<div class="{kind}" tabindex="0" role="region" aria-label="{safe(label)}">{content}</div>'


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    keys: Sequence[str] = (),
    labels: Sequence[str] = (),
    rows_keys: Sequence[str] = (),
    kind: str = "cards",
) -> str:
    """A table.

    :param keys: the ids of the columns.
    :param labels: of the cells of a card. Default: the heads.
    :param rows_keys: the ids of the rows.
    :param kind: its classes; with `cards`, its rows become cards on a narrow page.
    """
    if not rows:
        return ""
    names = labels or head
    heads = "".join(
        f'<th scope="col" role="columnheader"{identity(keys[index] if keys else "")}>{text}</th>'
        for index, text in enumerate(head)
    )
    body = "".join(
        f'<tr role="row"{identity(rows_keys[number] if rows_keys else "")}>'
        f'<th scope="row" role="rowheader">{row[0]}</th>'
        + "".join(
            f'<td role="cell" data-label="{names[index]}">{cell}</td>' for index, cell in enumerate(row[1:], start=1)
        )
        + "</tr>"
        for number, row in enumerate(rows)
    )
    return (
        f'<table class="{kind}" role="table"><thead role="rowgroup"><tr role="row">{heads}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table>'
    )


def identity(key: str) -> str:
    """The attribute `id`; nothing without a key."""
    return f' id="{key}"' if key else ""
