"""Print the URL of a PostgreSQL that answers: the one given, else the usual local ones; nothing if none does."""

import getpass
import sys

import psycopg

USER = getpass.getuser()
GUESSES = (
    sys.argv[1] if len(sys.argv) > 1 else "",
    f"postgres://{USER}@127.0.0.1:5432/{USER}",
    f"postgres://{USER}@127.0.0.1:5432/postgres",
    "postgres://postgres@127.0.0.1:5432/postgres",
    "postgres://postgres:postgres@127.0.0.1:5432/postgres",
    "postgres:///postgres",
)

for url in GUESSES:
    if not url:
        continue
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error:
        continue
    print(url)
    break
