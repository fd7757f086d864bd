"""One run: the database is prepared, the cache checked, and each measurement made in turn."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Iterator
from typing import Any, Callable

from caching_demo import shop
from caching_demo.bench import CONNECTIONS, FULL, QUICK, Bench
from caching_demo.cache_link import CACHE_ERRORS, CacheLink, CacheUnusableError
from caching_demo.config import CacheTarget, DatabaseTarget
from caching_demo.database import Pool, Server
from caching_demo.document import Document
from caching_demo.failures import CannotRunError, first_line
from caching_demo.measures import hits, latency, outage, races, sessions, staleness, stampede
from caching_demo.timing import Deadline

_MEASURES: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "latency": latency.measure,
    "hits": hits.measure,
    "staleness": staleness.measure,
    "races": races.measure,
    "stampede": stampede.measure,
    "outage": outage.measure,
    "sessions": sessions.measure,
}
Listener = Callable[[str, dict[str, Any]], None]


def new_document(cache: CacheTarget, database: DatabaseTarget, *, quick: bool) -> Document:
    """A report with what is known before the run."""
    return Document(
        {
            "scale": "quick" if quick else "full",
            "section_seconds": {},
            "cache": {
                "kind": cache.kind,
                "version": "",
                "host": cache.host,
                "tls": cache.tls,
                "authentication": cache.authentication,
                "usable": True,
            },
            "database": {
                "version": "",
                "host": database.host,
                "name": database.name,
                "user": database.user,
                "application_user": database.application_user,
                "authentication": "password" if database.password else "iam",
            },
        }
    )


def run(
    document: Document, cache: CacheTarget, database: DatabaseTarget, deadline: Deadline, listener: Listener
) -> None:
    """Measure everything, and write it into the document; a failure ends there as well.

    :param listener: called with each section after it has been measured.
    """
    scale = QUICK if document.facts["scale"] == "quick" else FULL
    try:
        with prepared(database, document, scale.volume) as pool:
            bench = Bench(pool, CacheLink(cache), scale, deadline, notes=document.warnings)
            _measure(bench, document, listener)
    except CannotRunError as failure:
        document.failure = failure
    except Exception as error:
        traceback.print_exc()
        document.failure = CannotRunError("defect", first_line(error), "report it, with the output of this run")


@contextlib.contextmanager
def prepared(database: DatabaseTarget, document: Document, volume: shop.Volume) -> Iterator[Pool]:
    """Connections to fresh data, as the application's role; no other run uses it at the same time.

    :raises CannotRunError: when the database cannot be used.
    """
    server = Server(database)
    master = server.connect(database.user)
    try:
        document.facts["database"]["version"] = str(master.run("SHOW server_version")[0][0]).split(" ")[0]
        document.facts["database"]["version"] = f"PostgreSQL {document.facts['database']['version']}"
        shop.lock(master)
        shop.prepare_role(master, database.application_user, database.password)
        pool = shop.open_pool(server, CONNECTIONS)
        try:
            with pool.borrow() as connection:
                shop.create_data(connection, volume)
            pool.fill()
            yield pool
        finally:
            pool.close()
    finally:
        master.close()


def _measure(bench: Bench, document: Document, listener: Listener) -> None:
    facts = document.facts["cache"]
    try:
        facts["version"] = bench.link.check()
    except CacheUnusableError as error:
        facts["usable"] = False
        bench.notes.append(
            f"the cache could not be used ({error}), so that every read went to the database; "
            "run cache-connection-test, which names the cause"
        )
    for name, measure in _MEASURES.items():
        bench.deadline.check(name)
        started = time.monotonic()
        if facts["usable"]:
            section = _guarded(bench, name, measure)
        elif name == "latency":
            section = latency.measure(bench, usable=False)
        else:
            section = {"not_measured": "the cache could not be used"}
        document.facts["section_seconds"][name] = round(time.monotonic() - started, 2)
        document.sections[name] = section
        listener(name, section)


def _guarded(bench: Bench, name: str, measure: Callable[[Bench], dict[str, Any]]) -> dict[str, Any]:
    """The section; one without figures where the cache has failed meanwhile."""
    try:
        return measure(bench)
    except (CacheUnusableError, *CACHE_ERRORS) as error:
        reason = first_line(error)
        bench.notes.append(f"{name} could not be measured, because the cache failed ({reason}); run it again")
        return {"not_measured": reason}
