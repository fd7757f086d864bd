"""The application: it knows a cache and a database, and not where they are."""

from typing import Any, Protocol

import flask

from elasticache_caching import Cache, CacheClient, Json, SessionStore
from elasticache_caching.adapters.flask import CacheSessionInterface

_TTL_SECONDS = 60


class Products(Protocol):
    """The table of products."""

    def load(self, id: str) -> dict[str, Any] | None:
        """A product; None for one that does not exist."""

    def set_price(self, id: str, price: int) -> None:
        """Change a price, and commit."""


def create_app(client: CacheClient, products: Products) -> flask.Flask:
    """The application.

    :param client: of the cache.
    :param products: the table.
    """
    app = flask.Flask("shop")
    app.session_interface = CacheSessionInterface(SessionStore(client))
    cached = Cache(client, "product", load=products.load, codec=Json(dict), ttl=_TTL_SECONDS)

    @app.get("/products/<id>")
    def show(id: str) -> Any:  # noqa: ANN401 - what Flask takes as an answer
        product = cached.get(id)
        return (product, 200) if product is not None else ({"error": "no such product"}, 404)

    @app.put("/products/<id>/price")
    def price(id: str) -> Any:  # noqa: ANN401 - what Flask takes as an answer
        # First the database, then the cache: a reader in between fills in nothing that is old.
        products.set_price(id, int(flask.request.get_json()["price"]))
        cached.invalidate(id)
        return "", 204

    @app.post("/cart/<id>")
    def add(id: str) -> dict[str, int]:
        flask.session[id] = flask.session.get(id, 0) + 1
        return dict(flask.session)

    @app.get("/health")
    def health() -> str:
        return "ok"

    return app
