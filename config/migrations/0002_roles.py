"""Every role may make tokens of its own; the administrators' role sees and revokes all."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

OWN = ("add_apitoken", "view_apitoken")


def grant(apps, schema_editor):
    # Permissions are made after the last migration; the groups need them now.
    from django.apps import apps as real

    using = schema_editor.connection.alias
    create_permissions(real.get_app_config("config"), verbosity=0, using=using)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    ours = Permission.objects.using(using).filter(content_type__app_label="config")
    for name in ("viewer", "curator", "merger", "importer"):
        group = Group.objects.using(using).filter(name=name).first()
        if group is not None:
            group.permissions.add(*ours.filter(codename__in=OWN))
    group = Group.objects.using(using).filter(name="admin").first()
    if group is not None:
        group.permissions.add(*ours.filter(codename__endswith="_apitoken"))


class Migration(migrations.Migration):
    dependencies = [("config", "0001_tokens"), ("articles", "0003_roles")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
