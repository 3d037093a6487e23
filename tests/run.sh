#!/usr/bin/env bash
# The suite on SQLite, then what opens a database on PostgreSQL. Outside CI a missing PostgreSQL is a visible skip; with
# CI=true a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
BIN=${BIN:-.venv/bin}
marks=()
if [ -n "${FULL:-}" ]; then
  marks=(-m "full or not full")
  export FUZZ_EXAMPLES=${FUZZ_EXAMPLES:-200}
fi
suite=("$BIN/python" -m pytest -n "${WORKERS:-4}" --dist loadfile --no-loadscope-reorder --durations=20 --durations-min=5 "${marks[@]}" "$@")

sqlite=$(mktemp -d)
trap 'rm -rf "$sqlite"' EXIT
echo "== SQLite"
DATABASE_URL="sqlite:///$sqlite/test.sqlite3" "${suite[@]}"

echo "== PostgreSQL"
postgres=${TEST_POSTGRES_URL:-}
if [ -z "$postgres" ]; then
  case "${DATABASE_URL:-}" in postgres*) postgres=$DATABASE_URL ;; esac
fi
postgres=$("$BIN/python" tests/find_postgres.py "$postgres")
if [ -z "$postgres" ]; then
  if [ "${CI:-}" = "true" ]; then
    echo "no PostgreSQL answers: with CI=true that is a failure" >&2
    exit 1
  fi
  echo "SKIPPED: no PostgreSQL answers (set DATABASE_URL or start one); the suite ran on SQLite only"
  exit 0
fi
DATABASE_URL="$postgres" "${suite[@]}" --database-only
