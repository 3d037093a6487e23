"""The candidate index in the database: derived from the aliases, rebuilt at will by ``manage.py rebuild_index``.

``entities/candidates.py`` reads and writes these; nothing else does. Tokens are random: a process compares them to know
whether what it holds is what the database has, also when a transaction was rolled back or another database is in use.
"""

from django.db import models
from django.db.models import Q


class IndexSegment(models.Model):
    """One immutable part of the index: what a process keeps in memory of it, as arrays."""

    token = models.BigIntegerField(unique=True)
    size = models.PositiveIntegerField()
    ids = models.BinaryField()
    kinds = models.BinaryField()
    signatures = models.BinaryField()
    heavy_codes = models.BinaryField()
    heavy_sizes = models.BinaryField()
    built_at = models.DateTimeField(auto_now_add=True)
    #: Replaced by a newer segment; its postings stay a while for the processes still reading them.
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["token"], condition=Q(retired_at=None), name="index_segment_live")]

    def __str__(self):
        return f"segment {self.pk}: {self.size} names"


class IndexPosting(models.Model):
    """The names that have one feature, in one segment; the key holds both numbers."""

    id = models.BigAutoField(primary_key=True)  # explicit; "auto" makes it the row's own number on SQLite
    data = models.BinaryField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"postings {self.pk}"


class IndexChange(models.Model):
    """An alias written since the last segment was made: processes take it up at their next look-up."""

    token = models.BigIntegerField()
    # No foreign key: the row is read and dropped by the thousand, and an alias is never deleted.
    alias_id = models.BigIntegerField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"alias {self.alias_id}"


class ComparisonDue(models.Model):
    """A record that changed and was not compared with others since: ``duplicates.compare_due`` takes it from here."""

    entity = models.OneToOneField("entities.Entity", models.CASCADE, primary_key=True, related_name="+")
    #: When a worker took it; None again as soon as the record changes once more.
    taken_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"record {self.pk}"
