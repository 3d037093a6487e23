"""The Celery application, for ``WORKER_BACKEND=celery``: ``celery -A config worker``. Nothing else imports it."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("refdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
