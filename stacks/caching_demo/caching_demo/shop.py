"""The data of the demonstration: a shop with products, reviews and order lines, and the queries that are measured.

Each query answers with one row of JSON, so that a driver in pure Python does not make the database look slow.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from pg8000.native import identifier, literal

from caching_demo.database import Connection, Pool, Server
from caching_demo.failures import CannotRunError

# Any number that other programs are unlikely to lock.
LOCK = 6_379_543_200
CATEGORIES = 80

QUERIES = {
    "primary key": """
        SELECT json_build_object('id', id, 'name', name, 'price', price, 'version', version)
        FROM product WHERE id = :id""",
    "page": """
        SELECT json_build_object(
            'id', p.id, 'name', p.name, 'price', p.price, 'version', p.version,
            'rating', (SELECT round(avg(r.stars), 2)::float FROM review r WHERE r.product_id = p.id),
            'reviews', (
                SELECT json_agg(json_build_object('stars', r.stars, 'body', r.body))
                FROM (SELECT stars, body FROM review WHERE product_id = p.id ORDER BY id DESC LIMIT 5) r),
            'others_bought', (
                SELECT json_agg(json_build_object('name', o.name, 'sold', o.sold))
                FROM (
                    SELECT q.name, sum(l.quantity) AS sold
                    FROM product q JOIN order_line l ON l.product_id = q.id
                    WHERE q.category = p.category GROUP BY q.id, q.name ORDER BY sold DESC, q.id LIMIT 10) o))
        FROM product p WHERE p.id = :id""",
    "report": """
        SELECT json_agg(json_build_object('category', category, 'revenue', revenue, 'lines', lines))
        FROM (
            SELECT p.category, sum(l.quantity * p.price) AS revenue, count(*) AS lines
            FROM order_line l JOIN product p ON p.id = l.product_id
            WHERE l.day % 12 <> :id GROUP BY p.category ORDER BY revenue DESC LIMIT 10) best""",
}
STATEMENTS = {
    **QUERIES,
    "update": """
        UPDATE product SET price = price + 1, version = version + 1 WHERE id = :id
        RETURNING json_build_object('id', id, 'name', name, 'price', price, 'version', version)""",
}


_TABLES = (
    "DROP TABLE IF EXISTS order_line, review, product",
    "CREATE TABLE product (id int, category int, name text, price int, version int)",
    "CREATE TABLE review (id int, product_id int, stars int, body text)",
    "CREATE TABLE order_line (product_id int, quantity int, day int)",
)
_ROWS = (
    """
        INSERT INTO product
        SELECT id, id % :categories::int, 'product ' || id, 100 + id * 7919 % 9000, 1
        FROM generate_series(1, :products::int) id""",
    """
        INSERT INTO review
        SELECT id, 1 + id % :products::int, 1 + id * 31 % 5, 'What I think of it, in a few words: ' || md5(id::text)
        FROM generate_series(1, :reviews::int) id""",
    """
        INSERT INTO order_line
        SELECT 1 + id % :products::int, 1 + id * 17 % 4, id * 13 % 365
        FROM generate_series(1, :lines::int) id""",
)
_INDEXES = (
    "ALTER TABLE product ADD PRIMARY KEY (id)",
    "CREATE INDEX ON product (category)",
    "ALTER TABLE review ADD PRIMARY KEY (id)",
    "CREATE INDEX ON review (product_id, id)",
    "CREATE INDEX ON order_line (product_id)",
    "ANALYZE product, review, order_line",
)


@dataclass(frozen=True)
class Volume:
    """How much data there is."""

    products: int
    reviews: int
    lines: int


def schema_of(user: str) -> str:
    """The name of the schema that a role works in; names have at most 63 bytes."""
    return f"caching_demo_{user}"[:63]


def lock(master: Connection) -> None:
    """Keep other runs out for as long as the connection is open.

    :raises CannotRunError: when another run is there.
    """
    if not master.run("SELECT pg_try_advisory_lock(:key)", key=LOCK)[0][0]:
        cause = "another run of the demonstration is using this database"
        raise CannotRunError("database", cause, "wait until it has ended, at most its time limit, and run this again")


def prepare_role(master: Connection, user: str, password: str) -> None:
    """Create the application's role and its schema where they are missing: it may sign in and use that schema alone.

    :param password: of the role, in place of IAM; empty for IAM.
    :raises DatabaseLostError: when the master user may not.
    """
    role, schema = identifier(user), identifier(schema_of(user))
    if not master.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=user):
        master.run(f"CREATE ROLE {role} LOGIN")
    if password:
        master.run(f"ALTER ROLE {role} PASSWORD {literal(password)}")
    else:
        master.run(f"GRANT rds_iam TO {role}")
    master.run(f"GRANT CONNECT ON DATABASE {identifier(str(master.run('SELECT current_database()')[0][0]))} TO {role}")
    master.run(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    master.run(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {role}")


def open_pool(server: Server, size: int) -> Pool:
    """Connections as the application's role, in its own schema; none is open yet.

    :param size: the most that are open at once.
    """
    user = server.target.application_user

    def connect() -> Connection:
        connection = server.connect(user, STATEMENTS)
        connection.run(f"SET search_path = {identifier(schema_of(user))}")
        return connection

    return Pool(connect, size)


def create_data(connection: Connection, volume: Volume) -> None:
    """Drop and create the tables, as the application's role, with the same rows each time.

    :raises DatabaseLostError: when it may not.
    """
    connection.run("SET client_min_messages = warning")
    for statement in _TABLES:
        connection.run(statement)
    numbers = {"categories": CATEGORIES, **dataclasses.asdict(volume)}
    for statement in _ROWS:
        connection.run(statement, **{name: numbers[name] for name in numbers if f":{name}" in statement})
    for statement in _INDEXES:
        connection.run(statement)


def read(pool: Pool, name: str, id: str) -> Any:
    """The answer of a query, out of JSON.

    :param name: of `QUERIES`.
    :raises DatabaseLostError: when the database does not answer.
    """
    return pool.one(name, id=int(id))


def update(pool: Pool, id: str) -> dict[str, Any]:
    """Change the price of a product and commit; the row as the query `primary key` reads it.

    :raises DatabaseLostError: when the database does not answer.
    """
    row: dict[str, Any] = pool.one("update", id=int(id))
    return row


def server_seconds(connection: Connection, name: str, id: str) -> float:
    """How long the server itself executes a query, as EXPLAIN ANALYZE tells; prepared statements are planned once.

    :raises DatabaseLostError: when the database does not answer.
    """
    sql = QUERIES[name].replace(":id", str(int(id)))
    plan = connection.run("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + sql)[0][0][0]
    return float(plan["Execution Time"]) / 1000
