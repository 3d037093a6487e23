"""Events are append-only: triggers on each database, in the place of earlier ones of the same name."""

from django.db import migrations

from entities.guards import guard_events


def on(vendor):
    """A step for one kind of database."""

    def guard(apps, schema_editor):
        if schema_editor.connection.vendor == vendor:
            guard_events(schema_editor.connection)

    return migrations.RunPython(guard, migrations.RunPython.noop)


class Migration(migrations.Migration):
    dependencies = [("entities", "0005_erasures")]

    operations = [on("postgresql"), on("sqlite")]
