"""The candidate index's tables."""

from django.db import migrations, models


def keep_uncompressed(apps, schema_editor):
    """Postings and signatures do not compress, and packing them would cost each look-up the unpacking."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE entities_indexposting ALTER COLUMN data SET STORAGE EXTERNAL")
        schema_editor.execute("ALTER TABLE entities_indexsegment ALTER COLUMN signatures SET STORAGE EXTERNAL")


class Migration(migrations.Migration):
    dependencies = [("entities", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="IndexChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.BigIntegerField()),
                ("alias_id", models.BigIntegerField()),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.CreateModel(
            name="IndexPosting",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("data", models.BinaryField()),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.CreateModel(
            name="IndexSegment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.BigIntegerField(unique=True)),
                ("size", models.PositiveIntegerField()),
                ("ids", models.BinaryField()),
                ("kinds", models.BinaryField()),
                ("signatures", models.BinaryField()),
                ("heavy_codes", models.BinaryField()),
                ("heavy_sizes", models.BinaryField()),
                ("built_at", models.DateTimeField(auto_now_add=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("retired_at", None)), fields=["token"], name="index_segment_live"
                    )
                ],
            },
        ),
        migrations.RunPython(keep_uncompressed, migrations.RunPython.noop, elidable=False),
    ]
