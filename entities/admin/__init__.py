"""The admin of records: lists, a page for each record with its facts and history, and read-only books of decisions."""

from entities.admin import accounts, decisions, facts  # noqa: F401 each registers what it has
from entities.admin.base import DeskAdmin, Panel, ReadOnlyAdmin, opening, record_link
from entities.admin.records import EntityAdmin

__all__ = ["DeskAdmin", "EntityAdmin", "Panel", "ReadOnlyAdmin", "opening", "record_link"]
