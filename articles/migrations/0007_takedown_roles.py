"""Curators and mergers take down; whoever may look may see that something was taken down."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

APPS = ("entities", "articles")
TAKES_DOWN = ("takedown_entity", "takedown_article")
SEES = ("view_takedown", "view_articletakedown")


def grant(apps, schema_editor):
    # Permissions are made after the last migration; the groups need them now.
    from django.apps import apps as real

    using = schema_editor.connection.alias
    for label in APPS:
        create_permissions(real.get_app_config(label), verbosity=0, using=using)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    ours = Permission.objects.using(using).filter(content_type__app_label__in=APPS)
    for name in ("viewer", "curator", "merger", "importer", "admin"):
        group = Group.objects.using(using).filter(name=name).first()
        if group is None:
            continue
        group.permissions.add(*ours.filter(codename__in=SEES))
        if name in ("curator", "merger", "admin"):
            group.permissions.add(*ours.filter(codename__in=TAKES_DOWN))
        if name == "admin":
            group.permissions.add(*ours)


class Migration(migrations.Migration):
    dependencies = [("articles", "0006_takedown"), ("entities", "0009_takedown"), ("articles", "0003_roles")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
