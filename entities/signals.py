"""How other apps hear of a write: sent on commit, never before. ``articles`` listens; ``entities`` never imports it."""

from django.dispatch import Signal

#: ``ids``: records whose names, facts or redirect changed.
entity_changed = Signal()
#: ``merge``: the Merge row, after a merge or its undo (``merge.undone_at`` tells which).
entity_merged = Signal()
#: ``survivor_id``, ``absorbed_id``, ``journal``: inside a merge's transaction. Receivers move their own rows with
#: ``journal``, so that an undo sends each back.
entity_merging = Signal()
#: ``merge``, ``journal``, ``choices``: inside an undo's transaction, before the rows go back.
entity_unmerging = Signal()
#: ``merge``: inside an undo's transaction, after the rows went back.
entity_unmerged = Signal()
#: ``merge``, ``called``: a receiver returns ``LaterEdit`` rows: what happened to its own rows since the merge.
#: ``called``: what to call the records, by key, where one is chosen.
undo_planning = Signal()
#: ``source_id``, ``target_id``, ``journal``, ``rows``, ``actor``: inside a split's transaction; ``rows``: what goes, by
#: sort.
entity_splitting = Signal()
#: ``ids``: a receiver returns ``{"mentions": …, "articles": …}``: how many of its rows hang on these records.
impact_asked = Signal()
#: A receiver returns ``entities.invariants.Check`` rows: another app's own, run by ``manage.py fsck``.
checks_asked = Signal()
#: ``ids`` (None: all): a receiver returns ``entities.radar.Sign`` rows: what makes its app think a record is two.
signs_asked = Signal()
#: ``source``, ``like``, ``surfaces``, ``limit``: a receiver returns an ``entities.curation.parting.Part``: what of its
#: own a split of ``source`` may send: rows that hold ``like``, or all that say one of ``surfaces``.
parts_asked = Signal()
#: ``ids``, ``hints``, ``keys``: inside a takedown's transaction. Texts that receivers drop from what they say of these
#: records (evidence, reasons), and the keys of names that are gone.
content_taken_down = Signal()
#: ``ids``: inside the transaction that takes whole records down, before their facts go.
record_taken_down = Signal()
