"""How workers hear of imports; they are sent on commit."""

from django.dispatch import Signal

#: ``job_id``, ``tasks``: an import has so many parts that nobody was told of. Who hears nothing finds them by looking.
import_waiting = Signal()
