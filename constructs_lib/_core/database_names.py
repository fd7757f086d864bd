"""Names of users and databases of PostgreSQL, as a policy may name them."""

import re
from typing import Final

from .checking import Place, error, is_token

# Without `*` and `?`, which are wildcards in the resource of a policy and would allow other users.
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.@+-]{0,62}")


def check_database_name(where: Place, prop: str, value: str | None) -> None:
    """Refuse a name of a user or a database that PostgreSQL or a policy would take for another; None and tokens pass.

    :raises ValueError: for a name that does not fit.
    """
    if value is not None and not is_token(value) and not _NAME.fullmatch(value):
        raise error(
            where,
            prop,
            "have 1 to 63 letters, digits and _.@+-, and begin with a letter or _",
            repr(value),
            "choose another name",
        )
