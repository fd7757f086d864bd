"""Reads pages, measures the contrast of their colours, and gives their resources hostile names."""

from html.parser import HTMLParser

from tests.picture.templates import Resources, changed, function, instance, network, resource, sharded, user


class Reader(HTMLParser):
    """The elements of a page, and its text."""

    VOID = ("meta", "input", "br", "rect", "path")

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] in ("td", "tr") and tag != self.open[-1]:
            self.open.pop()  # the end tags of a table's cells and rows may be left out
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parse(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]></style><b>",
    "' onload='alert(1)",
    "\u202eright to left\u200f",
    "\ud800",
    "\x00\x07\x1b[31m",
    "a\nb\r\nc",
    "%%{init: {}}%%",
    'end"]; click x "javascript:alert(1)"',
    "${x} `y` | z",
    "@here &lt; #1",
    "x" * 255,
    "\u0645\u0631\u062d\u0628\u0627",
]


def hostile(name: str) -> Resources:
    """A template with this text wherever a text of the template is shown."""
    more = {
        "App": user(f"on ~{name.split(maxsplit=1)[0] if name.split() else 'x'} +@read", UserName=name),
        "Group": resource("ElastiCache::UserGroup", Engine="valkey", UserGroupId="g", UserIds=[{"Ref": "App"}]),
    }
    resources = changed(
        {
            **network(),
            "Cache": sharded(3),
            "Client": instance(InstanceType=name),
            "Code": function(0, Runtime=name),
            **more,
        },
        "Cache",
        CacheNodeType=name,
        TransitEncryptionMode=name,
        UserGroupIds=[{"Ref": "Group"}],
        NodeGroupConfiguration=[{"PrimaryAvailabilityZone": name}] * 3,
    )
    for logical_id in resources:
        resources[logical_id]["Metadata"] = {"aws:cdk:path": name}
    resources["Vpc"]["Properties"]["CidrBlock"] = name
    resources["Subnet0"]["Properties"].update(CidrBlock=name, AvailabilityZone=name)
    return resources


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
