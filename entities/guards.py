"""Rules that Django's constraints cannot say, kept by the database itself: triggers, on SQLite and PostgreSQL.

- What is written to a record that was merged, by a program that had not heard of it yet, goes to the survivor. The
  insert waits for a merge that is under way, so that nothing is ever left behind on an absorbed record.
- Events are never deleted and never changed. One door is left (``entities/erasing.py``): what an event says may give way
  to a tombstone, ``{"erased": …}``, while who, when, which record and what sort of event stay as they are.
  A second one is for what was taken down (``entities/redaction.py``): what is struck from an event's words is marked in
  it, ``{"redacted": …}``.

They are put up by a migration and again after every ``migrate`` and, on SQLite, taken down before it: there a change to
a table makes the table anew, which triggers that name it would stand in the way of.
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
    IF TG_OP = 'UPDATE' AND NEW.before = '{}'::jsonb AND NEW.after ? 'erased' AND NEW.reason = ''
        AND (NEW.id, NEW.entity_id, NEW.other_id, NEW.type, NEW.actor_id, NEW.happened_at)
            IS NOT DISTINCT FROM (OLD.id, OLD.entity_id, OLD.other_id, OLD.type, OLD.actor_id, OLD.happened_at)
    THEN RETURN NEW; END IF;
    IF TG_OP = 'UPDATE' AND NEW.after ? 'redacted' AND NEW.after -> 'redacted' IS DISTINCT FROM OLD.after -> 'redacted'
        AND (NEW.id, NEW.entity_id, NEW.other_id, NEW.type, NEW.actor_id, NEW.happened_at)
            IS NOT DISTINCT FROM (OLD.id, OLD.entity_id, OLD.other_id, OLD.type, OLD.actor_id, OLD.happened_at)
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'events are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation';
END $$ LANGUAGE plpgsql;
"""

#: On SQLite: what makes a new row a tombstone of the old one, or the old one with something struck.
_SAME = [f"NEW.{name} IS OLD.{name}" for name in ("id", "entity_id", "other_id", "type", "actor_id", "happened_at")]
_IS_TOMBSTONE = " AND ".join(
    ("NEW.before = '{}'", "json_extract(NEW.after, '$.erased') IS NOT NULL", "NEW.reason = ''", *_SAME)
)
_IS_REDACTED = " AND ".join((
    "json_extract(NEW.after, '$.redacted') IS NOT NULL",
    "json_extract(NEW.after, '$.redacted') IS NOT json_extract(OLD.after, '$.redacted')", *_SAME,
))  # fmt: skip
_APPEND_ONLY = {
    "entities_event_append_only": (
        "CREATE TRIGGER entities_event_append_only BEFORE UPDATE ON entities_event "
        f"WHEN NOT ({_IS_TOMBSTONE}) AND NOT ({_IS_REDACTED}) BEGIN SELECT RAISE(ABORT, 'events are never changed'); END"
    ),
    "entities_event_never_deleted": (
        "CREATE TRIGGER entities_event_never_deleted BEFORE DELETE ON entities_event "
        "BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END"
    ),
}


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
        else:
            wanted |= _APPEND_ONLY
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


def guard_events(connection) -> None:
    """Make the guards of events as they are now, in the place of earlier ones: a step of a migration."""
    postgresql = connection.vendor == "postgresql"
    ours = guards(connection.vendor, {"entities_event"})
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute(_FUNCTIONS)
        for name, sql in sorted(ours.items()):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}" + (" ON entities_event" if postgresql else ""))
            cursor.execute(sql)


def missing_guards(using: str = "default") -> set[str]:
    """Triggers that should be there and are not."""
    connection = connections[using]
    if connection.vendor not in ("postgresql", "sqlite"):
        return set()
    return guards(connection.vendor, set(connection.introspection.table_names())).keys() - standing(connection)
