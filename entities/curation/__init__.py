"""The curators' pages about records: merge, undo, split, history, what looks like a wrong merge."""
