"""Rules that Django's constraints cannot say, kept by the database itself: triggers, on SQLite and PostgreSQL.

- What is written to a record that was merged, by a program that had not heard of it yet, goes to the survivor. The
  insert waits for a merge that is under way, so that nothing is ever left behind on an absorbed record.
- Events are never changed, but for striking what was taken down: such a change says so (``redacted_at``) and leaves
  what happened, when, to which records and by whom as it is. On PostgreSQL they are never deleted either.

They are put up after every ``migrate`` and, on SQLite, taken down before it: there a change to a table makes the table
anew, which triggers that name it would stand in the way of.
"""

from __future__ import annotations

from django.db import connections

#: Tables whose ``entity_id`` must be a live record's: ``articles`` adds its own.
REDIRECTED = ["entities_alias", "entities_identifier", "entities_term", "entities_relation", "entities_sourcerecord"]

_FUNCTIONS = """
CREATE OR REPLACE FUNCTION refdesk_to_survivor() RETURNS trigger AS $$
DECLARE survivor bigint;
BEGIN
    IF NEW.entity_id IS NOT NULL THEN
        SELECT merged_into_id INTO survivor FROM entities_entity WHERE id = NEW.entity_id FOR KEY SHARE;
        IF survivor IS NOT NULL THEN NEW.entity_id := survivor; END IF;
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE OR REPLACE FUNCTION refdesk_append_only() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.redacted_at IS NOT NULL AND NEW.redacted_at IS DISTINCT FROM OLD.redacted_at AND NEW.id = OLD.id
            AND NEW.type = OLD.type AND NEW.entity_id = OLD.entity_id AND NEW.other_id IS NOT DISTINCT FROM OLD.other_id
            AND NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id AND NEW.happened_at = OLD.happened_at THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'events are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation';
END $$ LANGUAGE plpgsql;
"""


def guards(vendor: str, tables: set[str]) -> dict[str, str]:
    """The triggers for the tables that are there: name → statement that makes it."""
    wanted = {}
    for table in REDIRECTED:
        if table not in tables:
            continue
        name = f"{table}_to_survivor"
        if vendor == "postgresql":
            wanted[name] = (
                f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refdesk_to_survivor()"
            )
        else:
            survivor = "(SELECT merged_into_id FROM entities_entity WHERE id = NEW.entity_id)"
            wanted[name] = (
                f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW WHEN {survivor} IS NOT NULL "
                f"BEGIN UPDATE {table} SET entity_id = {survivor} WHERE id = NEW.id; END"
            )
    if "entities_event" in tables:
        if vendor == "postgresql":
            wanted["entities_event_append_only"] = (
                "CREATE TRIGGER entities_event_append_only BEFORE UPDATE OR DELETE ON entities_event "
                "FOR EACH ROW EXECUTE FUNCTION refdesk_append_only()"
            )
        else:  # no guard against DELETE: it is how SQLite empties a table, which tests do
            wanted["entities_event_append_only"] = (
                "CREATE TRIGGER entities_event_append_only BEFORE UPDATE ON entities_event "
                "WHEN NEW.redacted_at IS NULL OR NEW.redacted_at IS OLD.redacted_at OR NEW.id IS NOT OLD.id "
                "OR NEW.type IS NOT OLD.type OR NEW.entity_id IS NOT OLD.entity_id "
                "OR NEW.other_id IS NOT OLD.other_id OR NEW.actor_id IS NOT OLD.actor_id "
                "OR NEW.happened_at IS NOT OLD.happened_at "
                "BEGIN SELECT RAISE(ABORT, 'events are never changed'); END"
            )
    return wanted


def standing(connection) -> set[str]:
    """The names of the triggers that the database has."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE NOT tgisinternal AND pg_table_is_visible(c.oid)"
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return {name for (name,) in cursor.fetchall()}


def put_up(sender=None, using: str = "default", **_) -> None:
    """Make the triggers that are missing. Harmless when repeated; hears ``post_migrate``."""
    connection = connections[using]
    if connection.vendor not in ("postgresql", "sqlite"):
        return
    wanted = guards(connection.vendor, set(connection.introspection.table_names()))
    missing = wanted.keys() - standing(connection)
    if not missing:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTIONS)
        for name in sorted(missing):
            cursor.execute(wanted[name])


def take_down(sender=None, using: str = "default", **_) -> None:
    """On SQLite, remove the triggers while tables are made anew. Hears ``pre_migrate``."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    ours = guards("sqlite", {*REDIRECTED, "entities_event"})
    with connection.cursor() as cursor:
        for name in sorted(ours.keys() & standing(connection)):
            cursor.execute(f"DROP TRIGGER {name}")


def missing_guards(using: str = "default") -> set[str]:
    """Triggers that should be there and are not."""
    connection = connections[using]
    if connection.vendor not in ("postgresql", "sqlite"):
        return set()
    return guards(connection.vendor, set(connection.introspection.table_names())).keys() - standing(connection)
