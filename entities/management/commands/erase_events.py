"""``manage.py erase_events``: take out of the history what it may not say."""

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from entities.erasing import ErasingError, erase_events
from entities.models import Event


class Command(BaseCommand):
    """Erase what events say; that something happened, when, and by whom stays."""

    help = "Erase for good what events say, by their numbers or all of a record's."

    def add_arguments(self, parser):
        """Which events, who orders it, on what ground."""
        parser.add_argument("events", nargs="*", type=int, help="numbers of events, as the history shows them")
        parser.add_argument("--record", help="id of a record: all events that concern it")
        parser.add_argument("--actor", required=True, help="user name of whoever orders it")
        parser.add_argument("--reason", required=True, help="on what ground")
        parser.add_argument("--dry-run", action="store_true", help="list the events and change nothing")

    def handle(self, *, events, record, actor, reason, dry_run, **options):
        """Find, list, erase."""
        wanted = set(events)
        if record:
            of_record = Event.objects.filter(Q(entity__public_id=record) | Q(other__public_id=record))
            wanted |= set(of_record.values_list("pk", flat=True))
        if not wanted:
            raise CommandError("No event is meant: give numbers, or --record.")
        user = get_user_model().objects.filter(username=actor).first()
        if user is None:
            raise CommandError(f"There is no user “{actor}”.")
        if dry_run:
            self.stdout.write(f"{len(wanted)} events would be erased: {', '.join(map(str, sorted(wanted)[:50]))}")
            return
        try:
            done = erase_events(wanted, actor=user, reason=reason)
        except (ErasingError, PermissionDenied) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{done.events} events erased (erasure {done.pk})")
