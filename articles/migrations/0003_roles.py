"""Roles as groups: viewer, curator, merger, importer, admin. An administrator may change them afterwards."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

VIEWS = ("entities", "articles")
FACTS = ("alias", "identifier", "term", "relation", "source")

#: Beside what a viewer may: app and codename.
MORE = {
    "viewer": (),
    "curator": (
        ("entities", "add_entity"), ("entities", "change_entity"), ("entities", "judge_entity"),
        *(("entities", f"{verb}_{fact}") for fact in FACTS for verb in ("add", "change")),
        ("articles", "change_link"), ("articles", "change_nilgroup"), ("articles", "change_article"),
    ),
    "importer": (
        ("articles", "add_article"), ("articles", "add_importjob"), ("articles", "change_importjob"),
        ("entities", "add_entity"),
    ),
}
MORE["merger"] = (*MORE["curator"], ("entities", "merge_entity"))


def make_groups(apps, schema_editor):
    # Permissions are made after the last migration; the groups need them now.
    from django.apps import apps as real

    using = schema_editor.connection.alias
    for label in ("auth", *VIEWS):
        create_permissions(real.get_app_config(label), verbosity=0, using=using)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    ours = Permission.objects.using(using).filter(content_type__app_label__in=VIEWS)
    views = list(ours.filter(codename__startswith="view_"))
    for name, more in MORE.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.add(*views)
        for app, codename in more:
            group.permissions.add(*ours.filter(content_type__app_label=app, codename=codename))
    group, _ = Group.objects.using(using).get_or_create(name="admin")
    group.permissions.add(*Permission.objects.using(using).filter(content_type__app_label__in=("auth", *VIEWS)))


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0002_curation"),
        ("entities", "0004_inspection"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
