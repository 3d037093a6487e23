"""Runs management commands one after the other in this process, from ``[{"words": […], "stdin": FILE or null}, …]``.

Before them it makes what the examples of the documents speak of by its number.
"""

import io
import json
import os
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
sys.path.insert(0, str(ROOT))


def prepare() -> None:
    """The account, record, events and interrupted import that examples name."""
    from django.contrib.auth import get_user_model

    from articles import importing
    from articles.models import ImportJob
    from entities.models import Event
    from tests.factories import make_record

    actor = get_user_model().objects.create_superuser("anna")
    record = make_record("Jane Roe", public_id="2345678bcd")
    for number in (4711, 4712, 4713):
        Event.objects.create(pk=number, entity=record, type=Event.Type.EDITED, actor=actor, before={"name": "J. Roe"})
    for _ in range(16):  # numbers are never given twice: the next is 17
        ImportJob.objects.create().delete()
    job = importing.begin([Path("news.jsonl")], importing.Options())
    assert job.pk == 17, job.pk
    ImportJob.objects.filter(pk=17).update(status=ImportJob.Status.CANCELLED)


def main() -> int:
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    from entities.matching.names import frequencies

    # ``learn_names --count`` writes what the package ships: here, a copy of it.
    copy = Path(frequencies.PATH.name).resolve()
    copy.write_bytes(frequencies.PATH.read_bytes())
    frequencies.PATH = copy
    if "--prepare" in sys.argv:
        prepare()
    for command in json.load(sys.stdin):
        words, begun = command["words"], time.perf_counter()
        print(f"begun: {' '.join(words)}", flush=True)  # names the one that never ends
        given, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(Path(command["stdin"] or os.devnull).read_bytes()))
        try:
            execute_from_command_line(["manage.py", *words])
        except BaseException as error:
            if isinstance(error, SystemExit) and error.code == 3 and words[0].startswith("import_"):
                print(f"ran: {' '.join(words)}, some rows refused")  # the sample has a broken row on purpose
                continue
            traceback.print_exc()
            print(f"FAILED: {' '.join(words)}", file=sys.stderr)
            return 1
        finally:
            sys.stdin = given
        print(f"ran: {' '.join(words)} ({time.perf_counter() - begun:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
