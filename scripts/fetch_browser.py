"""Find Chromium, or unpack the distribution's package into `.tools/browser` without root; prints its path."""

import os
import shutil
import sys
from typing import Final

from scripts.fetch_servers import TOOLS, PackageError, unpack

_ROOT: Final = TOOLS / "browser"
_PROGRAMS: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_UNPACKED: Final = "usr/lib/chromium/chromium-headless-shell"
_PACKAGES: Final = ("chromium-headless-shell", "fonts-dejavu-core")
_HELP: Final = (
    "Chromium is not installed, and cannot be unpacked from the distribution's packages; install it, with "
    "'apt-get install chromium fonts-dejavu-core' or 'dnf install chromium'"
)


class BrowserMissingError(RuntimeError):
    """Chromium is not available; the message says how to install it."""


def browser_command() -> tuple[str, dict[str, str]]:
    """The path of Chromium, and its environment variables.

    :raises BrowserMissingError: when it is not installed and cannot be unpacked.
    """
    for name in _PROGRAMS:
        if path := shutil.which(name):
            return path, dict(os.environ)
    program = _ROOT / _UNPACKED
    if not program.exists():
        try:
            unpack(_PACKAGES, _ROOT)
        except PackageError as problem:
            raise BrowserMissingError(f"{_HELP} ({problem})") from None
    if not program.exists():
        raise BrowserMissingError(_HELP)
    folders = (*_ROOT.glob("usr/lib/*-linux-gnu*"), *_ROOT.glob("usr/lib/*-linux-gnu*/pulseaudio"))
    libraries = [str(path) for path in sorted(folders)]
    fonts = _ROOT / "fonts.conf"
    fonts.write_text(
        f'<?xml version="1.0"?><fontconfig><dir>{_ROOT / "usr/share/fonts"}</dir><dir>/usr/share/fonts</dir>'
        f"<cachedir>{_ROOT / 'font-cache'}</cachedir></fontconfig>"
    )
    return str(program), {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries), "FONTCONFIG_FILE": str(fonts)}


if __name__ == "__main__":
    try:
        print(browser_command()[0])
    except BrowserMissingError as problem:
        sys.exit(f"error: {problem}")
