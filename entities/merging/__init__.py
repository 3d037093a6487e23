"""Two records become one, and apart again: merge, undo, split, and what a curator must know before.

Everything an operation changes is written down in its journal (``entities/journal.py``), which is kept on the Merge or
Split row: taking it back restores each row that nobody touched since, and asks about the others. Nothing is deleted;
an absorbed record's id goes on answering, through a redirect that always leads to a live record in one step.
"""

from entities.merging.joining import MAX_TOGETHER, merge, merge_many, note_merge_elsewhere
from entities.merging.planning import LaterEdit, Obstacle, UndoPlan, called_after, plan_undo, plan_undo_together
from entities.merging.refusals import MergeError
from entities.merging.splitting import is_own_name, keeps_own_name, redo_split, split, undo_split, why_split_stays
from entities.merging.survivorship import FIELDS, propose_fields, propose_survivor
from entities.merging.undoing import UndoNeedsChoices, redo, undo, undo_together
from entities.merging.weighing import Impact, contradictions, doubts, impact
from entities.merging.words import counts_in_words

__all__ = [
    "FIELDS", "MAX_TOGETHER", "Impact", "LaterEdit", "MergeError", "Obstacle", "UndoNeedsChoices", "UndoPlan", "called_after",
    "contradictions", "counts_in_words", "doubts", "impact", "is_own_name", "keeps_own_name", "merge", "merge_many",
    "note_merge_elsewhere",
    "plan_undo", "plan_undo_together", "propose_fields", "propose_survivor", "redo", "redo_split", "split", "undo",
    "undo_split", "undo_together", "why_split_stays",
]  # fmt: skip
