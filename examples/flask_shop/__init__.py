"""A shop in Flask: products are cached in front of PostgreSQL, and carts are sessions in the cache."""
