"""The core that decides: plain Python, without Django, database, clock or network."""

from entities.matching.names import compare_names

__all__ = ["compare_names"]
