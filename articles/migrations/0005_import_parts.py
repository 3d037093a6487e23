import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


STOPPED = "begun by an earlier version: import the files again, which adds nothing twice"


def keep_the_ledger(apps, schema_editor):
    """Each earlier job becomes one part with its batches; what had not ended is begun again by hand."""
    using = schema_editor.connection.alias
    Job = apps.get_model("articles", "ImportJob").objects.using(using)
    Part = apps.get_model("articles", "ImportPart").objects.using(using)
    Batch = apps.get_model("articles", "ImportBatch").objects.using(using)
    Job.filter(status__in=["queued", "running", "cancelled"]).update(status="failed", message=STOPPED)
    for job in Job.order_by("pk").only("pk", "status").iterator(chunk_size=500):
        part = Part.create(job=job, number=1, status="done" if job.status == "done" else "failed")
        Batch.filter(job_id=job.pk).update(part=part)
    if schema_editor.connection.vendor == "postgresql":
        # What is checked at the end of a transaction stands in the way of changing the tables within it.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0004_link_claims'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leased_by', models.CharField(blank=True, default='', editable=False, max_length=100)),
                ('leased_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0, editable=False, help_text='How often it was taken since it last got on')),
                ('retry_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('number', models.PositiveIntegerField()),
                ('files', models.JSONField(default=list, help_text='[path, fingerprint of what is read of it]')),
                ('start', models.PositiveBigIntegerField(default=0, help_text='Byte at which a stretch of lines begins')),
                ('end', models.PositiveBigIntegerField(help_text='Byte before which it ends; empty: the whole file', null=True)),
                ('first_line', models.PositiveBigIntegerField(default=1)),
                ('size', models.PositiveBigIntegerField(default=0, help_text='In bytes')),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=16)),
                ('cursor', models.JSONField(default=dict, help_text='Where to go on; moved in the transaction that stores the rows')),
                ('message', models.CharField(blank=True, default='', max_length=2000)),
            ],
            options={
                'ordering': ['job', 'number'],
            },
        ),
        migrations.AlterModelOptions(
            name='importbatch',
            options={'ordering': ['part', 'number']},
        ),
        migrations.RemoveConstraint(
            model_name='importbatch',
            name='import_batch_number_unique',
        ),
        migrations.RemoveField(
            model_name='importjob',
            name='cursor',
        ),
        migrations.RemoveField(
            model_name='importjob',
            name='fingerprint',
        ),
        migrations.AddField(
            model_name='importjob',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, editable=False, help_text='How often it was taken since it last got on'),
        ),
        migrations.AddField(
            model_name='importjob',
            name='files',
            field=models.JSONField(default=list, editable=False, help_text='Absolute paths, as the worker opens them'),
        ),
        migrations.AddField(
            model_name='importjob',
            name='for_workers',
            field=models.BooleanField(default=True, editable=False, help_text='False: run by the command that began it, which alone sees the files'),
        ),
        migrations.AddField(
            model_name='importjob',
            name='is_follow_up_due',
            field=models.BooleanField(default=False, editable=False, help_text='The queue is to be ordered anew'),
        ),
        migrations.AddField(
            model_name='importjob',
            name='mentions',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='importjob',
            name='moved_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When it last got on', null=True),
        ),
        migrations.AddField(
            model_name='importjob',
            name='planned_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='importjob',
            name='retry_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='importjob',
            name='total_bytes',
            field=models.PositiveBigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='importjob',
            name='upload',
            field=models.CharField(blank=True, default='', editable=False, help_text='A file of ours under MEDIA_ROOT, instead', max_length=200),
        ),
        migrations.AddField(
            model_name='importjob',
            name='warnings',
            field=models.JSONField(default=list, editable=False),
        ),
        migrations.AlterField(
            model_name='importjob',
            name='leased_by',
            field=models.CharField(blank=True, default='', editable=False, max_length=100),
        ),
        migrations.AlterField(
            model_name='importjob',
            name='leased_until',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='importjob',
            name='status',
            field=models.CharField(choices=[('draft', 'Waiting for its columns'), ('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=16),
        ),
        migrations.AddIndex(
            model_name='importjob',
            index=models.Index(condition=models.Q(('status__in', ['queued', 'running'])), fields=['id'], name='import_job_open'),
        ),
        migrations.AddField(
            model_name='importpart',
            name='job',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='articles.importjob'),
        ),
        migrations.AddField(
            model_name='importbatch',
            name='part',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='articles.importpart'),
        ),
        migrations.RunPython(keep_the_ledger, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='importbatch',
            name='job',
        ),
        migrations.AlterField(
            model_name='importbatch',
            name='part',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='articles.importpart'),
        ),
        migrations.AddConstraint(
            model_name='importbatch',
            constraint=models.UniqueConstraint(fields=('part', 'first_row'), name='import_batch_once'),
        ),
        migrations.AddConstraint(
            model_name='importbatch',
            constraint=models.CheckConstraint(condition=models.Q(('first_row__lte', models.F('last_row'))), name='import_batch_not_empty'),
        ),
        migrations.AddIndex(
            model_name='importpart',
            index=models.Index(condition=models.Q(('status__in', ['waiting', 'running'])), fields=['job', 'number'], name='import_part_open'),
        ),
        migrations.AddConstraint(
            model_name='importpart',
            constraint=models.UniqueConstraint(fields=('job', 'number'), name='import_part_number_unique'),
        ),
    ]
