"""The Django application of the site's frame: tokens and what the API keeps for itself."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Access"
