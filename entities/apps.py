"""The Django application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class EntitiesConfig(AppConfig):
    name = "entities"
    verbose_name = "Records"

    def ready(self):
        """Let the database keep its guards through every migration; note which records changed."""
        from entities import duplicates, guards, signals

        pre_migrate.connect(guards.take_down, dispatch_uid="entities.guards.down")
        post_migrate.connect(guards.put_up, dispatch_uid="entities.guards.up")
        signals.entity_changed.connect(duplicates.note_changed, dispatch_uid="entities.duplicates.changed")
