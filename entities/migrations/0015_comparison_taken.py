from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("entities", "0014_inspection_asked_for")]

    operations = [
        migrations.AddField(model_name="comparisondue", name="taken_at", field=models.DateTimeField(null=True)),
    ]
