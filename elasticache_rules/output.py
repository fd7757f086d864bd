"""What the commands print: one line each, whatever a template or a path holds."""


def printable(text: str) -> str:
    """A text as one line of printable characters; others are escaped as in Python.

    A logical id or a path can hold line breaks, terminal sequences and halves of characters, which no stream writes.
    """
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def region_error(given: str) -> str:
    """The error for a region of another form.

    :param given: what --region says.
    """
    shown = given if len(given) <= 60 else f"{given[:60]}..."
    return f"--region must be the name of one region, got {shown!r}; write it like --region eu-west-1"
