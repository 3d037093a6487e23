"""Texts, and what was found in them.

Offsets count Unicode code points of ``Article.text``, which is kept as it came; ``segments`` says which parts of it are
headline, body or junk. A mention keeps its place, its links (history kept, one live) and its runners-up.
"""

import secrets
from pathlib import PurePath
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from articles.querysets import ArticleQuerySet, ImportJobQuerySet, LinkQuerySet, MentionQuerySet
from entities.matching.types import Kind, MentionType, Outcome
from entities.models import Entity, new_public_id


class Article(models.Model):
    """One article, its text as it came."""

    class DateSource(models.TextChoices):
        METADATA = "metadata", "from the metadata"
        TEXT = "text", "found in the text"
        NONE = "", "unknown"

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    dedupe_key = models.CharField(
        max_length=80, unique=True, editable=False, help_text="What makes an import idempotent"
    )
    url = models.CharField(max_length=2000, blank=True, default="")
    external_id = models.CharField(max_length=300, blank=True, default="")
    title = models.CharField(max_length=1000, blank=True, default="")
    author = models.CharField(max_length=500, blank=True, default="")
    source = models.CharField(max_length=300, blank=True, default="", db_index=True, help_text="The outlet")
    language = models.CharField(max_length=16, blank=True, default="")
    published_at = models.DateTimeField(null=True, blank=True)
    published_on = models.CharField(max_length=10, blank=True, default="", help_text="ISO day or prefix")
    date_source = models.CharField(max_length=16, blank=True, default="", choices=DateSource.choices)
    text = models.TextField()
    text_hash = models.CharField(max_length=64, editable=False)
    segments = models.JSONField(default=list, editable=False, help_text="[start, end, kind] over the text")
    similar_to = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="similar",
        editable=False,
        help_text="The first article of a group of near-duplicates",
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    imported_at = models.DateTimeField(auto_now_add=True)
    linked_at = models.DateTimeField(null=True, blank=True, editable=False)
    engine_version = models.CharField(max_length=32, blank=True, default="", editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="Taken down: never shown, never re-imported")
    job = models.ForeignKey("ImportJob", null=True, blank=True, on_delete=models.SET_NULL, related_name="articles")

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-published_on", "-pk"]
        indexes = [
            models.Index(fields=["-published_on", "-id"], name="article_published"),
            models.Index(fields=["linked_at"], name="article_linked_at"),
        ]
        permissions = [("takedown_article", "Can take down articles for good")]

    def __str__(self):
        return self.title or self.url or self.public_id

    def get_absolute_url(self):
        """The article's public page."""
        return reverse("article", args=[self.public_id])


class ArticleRevision(models.Model):
    """An earlier text of an article that changed under its url."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=1000, blank=True, default="")
    text = models.TextField()
    replaced_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="revision_number_unique")]

    def __str__(self):
        return f"revision {self.number}"


class ArticleTakedown(models.Model):
    """An article was taken down for good: of its content only digests are left, by which it is known when it comes again."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="takedowns")
    words = models.CharField(max_length=64, db_index=True, editable=False, help_text="Digest of its words in order")
    sketch = models.JSONField(default=list, editable=False, help_text="Minima of hashed word triples (MinHash)")
    reason = models.CharField(max_length=2000)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lift_reason = models.CharField(max_length=2000, blank=True, default="")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="article_takedown_has_a_reason"),
            models.UniqueConstraint(
                fields=["article"], condition=Q(lifted_at=None), name="article_takedown_one_standing"
            ),
        ]

    def __str__(self):
        return f"article {self.article_id}"


class TakedownKey(models.Model):
    """One key of an article that was taken down, for look-up by the import."""

    takedown = models.ForeignKey(ArticleTakedown, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["takedown", "key"], name="takedown_key_once")]

    def __str__(self):
        return self.key


def new_nonce() -> str:
    """What makes a feed's address one that nobody guesses."""
    return secrets.token_urlsafe(16)


class SavedSearch(models.Model):
    """A search of articles that a user keeps, with a feed at an address that only its owner knows."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(max_length=200)
    query = models.JSONField(default=dict, help_text="As the list of articles takes it: q, source, language, record …")
    nonce = models.CharField(
        max_length=32, default=new_nonce, editable=False, help_text="Changed, the old feed address is void"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "saved searches"
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="saved_search_has_a_name"),
            models.UniqueConstraint(fields=["owner", "name"], name="saved_search_name_once"),
        ]

    def __str__(self):
        return self.name

    def as_parameters(self) -> str:
        """As the address of the list of articles has it."""
        return urlencode(self.query)

    def in_words(self) -> list[tuple[str, str]]:
        """What it looks for: the name of each filter, and its value."""
        words = {
            "q": "words", "source": "outlet", "language": "language", "since": "from", "until": "to", "record": "record",
        }  # fmt: skip
        return [(words.get(name, name), str(value)) for name, value in self.query.items()]


class NearDuplicateBand(models.Model):
    """One band of an article's similarity hash: articles that share a band are compared."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    band = models.BigIntegerField(help_text="Band number and value in one integer")

    class Meta:
        indexes = [models.Index(fields=["band"], name="near_duplicate_band")]
        constraints = [models.UniqueConstraint(fields=["article", "band"], name="near_duplicate_band_once")]

    def __str__(self):
        return str(self.band)


class NilGroup(models.Model):
    """A name the catalogue does not know, with all its mentions: what a new record is proposed from."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "A record was made"
        REJECTED = "rejected", "Rejected"

    key = models.CharField(max_length=300, help_text="The normalised name")
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=16, blank=True, default="", choices=[(k.value, k.value) for k in Kind])
    status = models.CharField(max_length=16, default=Status.OPEN, choices=Status.choices)
    mention_count = models.PositiveIntegerField(default=0)
    article_count = models.PositiveIntegerField(default=0)
    entity = models.ForeignKey(Entity, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=2000, blank=True, default="")

    class Meta:
        ordering = ["-article_count", "-mention_count", "pk"]
        verbose_name = "unknown name"
        indexes = [models.Index(fields=["status", "-article_count"], name="nil_group_queue")]
        constraints = [models.UniqueConstraint(fields=["key", "kind"], name="nil_group_key_unique")]

    def __str__(self):
        return self.name


class Mention(models.Model):
    """One occurrence of a surface form at ``[start, end)`` of an article's text."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="mentions")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    surface = models.CharField(max_length=500)
    type = models.CharField(
        max_length=16, blank=True, default="", choices=[(t.value, t.value or "other") for t in MentionType]
    )
    chain = models.PositiveIntegerField(default=0, help_text="Mentions of one article that were resolved together")
    detector = models.CharField(max_length=16, blank=True, default="", help_text="gazetteer, ner, role, agreement …")
    nil_group = models.ForeignKey(NilGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="mentions")

    objects = MentionQuerySet.as_manager()

    class Meta:
        ordering = ["article", "start", "-end"]
        constraints = [
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="mention_span_not_empty"),
            models.UniqueConstraint(fields=["article", "start", "end"], name="mention_span_unique"),
        ]

    def __str__(self):
        return self.surface


class Candidate(models.Model):
    """A record that was considered for a mention, with its probability and the evidence for and against."""

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="candidates")
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()
    probability = models.FloatField()
    evidence = models.JSONField(default=list, help_text="[feature, value, words]")

    class Meta:
        ordering = ["mention", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["mention", "entity"], name="candidate_once_per_mention"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="candidate_probability_in_0_1"
            ),
        ]

    def __str__(self):
        return f"{self.rank}. {self.entity_id}"


class Link(models.Model):
    """What was decided about a mention, by the engine (no actor) or a person; superseded ones are kept."""

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="links")
    entity = models.ForeignKey(Entity, null=True, blank=True, on_delete=models.PROTECT, related_name="links")
    status = models.CharField(max_length=16, choices=[(o.value, o.value) for o in Outcome])
    probability = models.FloatField(default=0.0)
    margin = models.FloatField(default=0.0)
    reason = models.CharField(max_length=1000, blank=True, default="", help_text="Why, in words")
    evidence = models.JSONField(default=list, help_text="[feature, value, words]")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(max_length=2000, blank=True, default="", help_text="A person's reason")
    made_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    priority = models.FloatField(default=0.0, help_text="Orders the review queue")
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["entity", "status"], condition=Q(superseded_at=None), name="link_live_entity"),
            models.Index(
                fields=["-priority", "id"], condition=Q(superseded_at=None, status="review"), name="link_review_queue"
            ),
            # Of what is open at curators alone: a handful of rows.
            models.Index(fields=["claimed_until"], condition=Q(claimed_until__isnull=False), name="link_claimed"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["mention"], condition=Q(superseded_at=None), name="link_one_live_per_mention"
            ),
            models.CheckConstraint(
                condition=~Q(status="linked") | Q(entity__isnull=False), name="link_linked_has_a_record"
            ),
            models.CheckConstraint(condition=Q(probability__gte=0, probability__lte=1), name="link_probability_in_0_1"),
        ]

    def __str__(self):
        return f"{self.status} {self.entity_id or ''}"

    @property
    def is_unsure(self) -> bool:
        """A person could not tell: the mention stays in doubt, and out of the queue."""
        return self.status == Outcome.REVIEW and self.actor_id is not None


class SurfacePrior(models.Model):
    """How often a surface form was accepted as, or refused for, a record: what later links learn from."""

    key = models.CharField(max_length=300, help_text="The normalised surface form")
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="+")
    accepted = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["key", "pk"]
        constraints = [models.UniqueConstraint(fields=["key", "entity"], name="surface_prior_unique")]

    def __str__(self):
        return self.key


class Lease(models.Model):
    """What one worker holds at a time: its name, and until when it is believed without being heard of."""

    leased_by = models.CharField(max_length=100, blank=True, default="", editable=False)
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="How often it was taken since it last got on"
    )
    retry_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class ImportJob(Lease):
    """A durable import: what is read and how, how far it got, what it refused. Its lease is for planning and rounding off."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Waiting for its columns"
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    path = models.CharField(max_length=2000, help_text="The file, folder or archive as given; - for standard input")
    files = models.JSONField(default=list, editable=False, help_text="Absolute paths, as the worker opens them")
    upload = models.CharField(
        max_length=200, blank=True, default="", editable=False, help_text="A file of ours under MEDIA_ROOT, instead"
    )
    options = models.JSONField(default=dict)
    status = models.CharField(max_length=16, default=Status.QUEUED, choices=Status.choices)
    for_workers = models.BooleanField(
        default=True, editable=False, help_text="False: run by the command that began it, which alone sees the files"
    )
    planned_at = models.DateTimeField(null=True, blank=True, editable=False)
    total_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    rows_read = models.PositiveBigIntegerField(default=0)
    articles_new = models.PositiveBigIntegerField(default=0)
    articles_changed = models.PositiveBigIntegerField(default=0)
    articles_known = models.PositiveBigIntegerField(default=0)
    rows_refused = models.PositiveBigIntegerField(default=0)
    mentions = models.PositiveBigIntegerField(default=0)
    warnings = models.JSONField(default=list, editable=False)
    message = models.CharField(max_length=2000, blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it last got on")
    is_follow_up_due = models.BooleanField(default=False, editable=False, help_text="The queue is to be ordered anew")

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = "import"
        ordering = ["-pk"]
        indexes = [
            # Of what is not over yet: a handful of rows among all that ever were.
            models.Index(fields=["id"], condition=Q(status__in=["queued", "running"]), name="import_job_open"),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """A file's or folder's name; of several files their number and the folder they lie in, and no more of where."""
        first, *more = self.path.splitlines() or [""]
        if not more:
            return PurePath(first).name or first
        folders = {PurePath(one).parent for one in (self.files or [first, *more])}
        told = f"{max(len(self.files), 1 + len(more)):,} files"
        return f"{folders.pop().name}: {told}" if len(folders) == 1 else told

    @property
    def progress(self) -> float | None:
        """The share of its bytes that is done, in [0, 1]; None before they are counted. Loaded ``with_progress``."""
        if self.status == self.Status.DONE:
            return 1.0
        return round(self.done_bytes / self.total_bytes, 4) if self.total_bytes else None

    @property
    def is_open(self) -> bool:
        """It waits or runs."""
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)


class ImportPart(Lease):
    """What one worker imports at a time: some small files, one larger, or a stretch of lines of a large one."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    files = models.JSONField(default=list, help_text="[path, fingerprint of what is read of it]")
    start = models.PositiveBigIntegerField(default=0, help_text="Byte at which a stretch of lines begins")
    end = models.PositiveBigIntegerField(null=True, help_text="Byte before which it ends; empty: the whole file")
    first_line = models.PositiveBigIntegerField(default=1)
    size = models.PositiveBigIntegerField(default=0, help_text="In bytes")
    status = models.CharField(max_length=16, default=Status.WAITING, choices=Status.choices)
    cursor = models.JSONField(default=dict, help_text="Where to go on; moved in the transaction that stores the rows")
    message = models.CharField(max_length=2000, blank=True, default="")

    class Meta:
        ordering = ["job", "number"]
        indexes = [
            models.Index(
                fields=["job", "number"], condition=Q(status__in=["waiting", "running"]), name="import_part_open"
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_part_number_unique")]

    def __str__(self):
        return f"part {self.number}"


class ImportBatch(models.Model):
    """One committed step of a part: its rows ``[first_row, last_row]`` and what became of them."""

    part = models.ForeignKey(ImportPart, on_delete=models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField()
    first_row = models.PositiveBigIntegerField()
    last_row = models.PositiveBigIntegerField()
    articles_new = models.PositiveIntegerField(default=0)
    committed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["part", "number"]
        constraints = [
            # A batch is stored once, whoever reads it.
            models.UniqueConstraint(fields=["part", "first_row"], name="import_batch_once"),
            models.CheckConstraint(condition=Q(first_row__lte=F("last_row")), name="import_batch_not_empty"),
        ]

    def __str__(self):
        return f"batch {self.number}"


class ImportRowError(models.Model):
    """A row that was refused: file, line, reason, and the beginning of what stood there."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="errors")
    file = models.CharField(max_length=2000)
    line = models.PositiveBigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=1000)
    excerpt = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.file}:{self.line}: {self.reason}"
