"""How other apps hear of a write: sent on commit, never before. ``articles`` listens; ``entities`` never imports it."""

from django.dispatch import Signal

#: ``ids``: records whose names, facts or redirect changed.
entity_changed = Signal()
#: ``merge``: the Merge row, after a merge or its undo (``merge.undone_at`` tells which).
entity_merged = Signal()
