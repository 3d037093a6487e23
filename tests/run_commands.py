"""Runs management commands one after the other in this process: ``[["import_records", "x.jsonl"], …]`` from standard input."""

import json
import os
import sys
import time
import traceback

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main() -> int:
    from django.core.management import execute_from_command_line

    for words in json.load(sys.stdin):
        begun = time.perf_counter()
        try:
            execute_from_command_line(["manage.py", *words])
        except BaseException as error:
            if isinstance(error, SystemExit) and error.code == 3 and words[0].startswith("import_"):
                print(f"ran: {' '.join(words)}, some rows refused")  # the sample has a broken row on purpose
                continue
            traceback.print_exc()
            print(f"FAILED: {' '.join(words)}", file=sys.stderr)
            return 1
        print(f"ran: {' '.join(words)} ({time.perf_counter() - begun:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
