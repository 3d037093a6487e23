"""The Django application."""

from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = "Articles"

    def ready(self):
        """Hear of what is written to records."""
        from django.conf import settings

        from articles import invariants, parting, radar, relinking, takedown  # noqa: F401
        from entities.guards import REDIRECTED

        if "articles_link" not in REDIRECTED:
            REDIRECTED.append("articles_link")
        if settings.WORKER_BACKEND == "celery":
            # Optional, with a requirements file of its own: imported only where it is wanted.
            from config.celery import app

            app.set_default()
            import articles.tasks  # noqa: F401
