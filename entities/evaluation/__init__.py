"""How well name comparison and duplicate finding agree with gold. Plain Python."""
