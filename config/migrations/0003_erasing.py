"""The administrators' role may erase what events say."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def grant(apps, schema_editor):
    # Permissions are made after the last migration; the group needs it now.
    from django.apps import apps as real

    using = schema_editor.connection.alias
    create_permissions(real.get_app_config("entities"), verbosity=0, using=using)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    ours = Permission.objects.using(using).filter(content_type__app_label="entities")
    for group in Group.objects.using(using).filter(name__in=("viewer", "curator", "merger", "importer")):
        group.permissions.add(*ours.filter(codename="view_erasure"))
    group = Group.objects.using(using).filter(name="admin").first()
    if group is not None:
        group.permissions.add(*ours.filter(codename__in=("erase_event", "view_erasure")))


class Migration(migrations.Migration):
    dependencies = [("config", "0002_roles"), ("entities", "0006_append_only")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
