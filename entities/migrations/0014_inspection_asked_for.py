import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entities", "0013_kinds_of_references"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(name="inspection", options={"ordering": ["-pk"]}),
        migrations.AddField(
            model_name="inspection",
            name="asked_at",
            field=models.DateTimeField(auto_now_add=True, default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="inspection",
            name="asked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="inspection", name="begun_at", field=models.DateTimeField(editable=False, null=True)
        ),
        migrations.AlterField(
            model_name="inspection", name="inspected_at", field=models.DateTimeField(editable=False, null=True)
        ),
        migrations.AlterField(
            model_name="inspection", name="breaches", field=models.PositiveIntegerField(default=0)
        ),
    ]
