"""``manage.py flush``, where events are guarded against being deleted: whoever empties the whole database means it."""

from django.core.management.commands.flush import Command as Flush

from entities.guards import take_down


class Command(Flush):
    """As Django's; on SQLite, which empties tables row by row, the guards come down first. They are put up again after."""

    def handle(self, **options):
        """Take the guards down, flush; ``post_migrate`` puts them up."""
        take_down(using=options["database"])
        super().handle(**options)
