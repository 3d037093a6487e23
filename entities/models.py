"""The reference database: canonical records, their facts, and what people decided about them.

Nothing here knows of articles. Absent text and dates are ``""``; partial dates are ISO prefixes (``"1954-07"``).
Facts (aliases, identifiers, terms, relations) are never deleted: ``withdrawn_at`` takes one out of use for good, so
that no import brings it back, and ``origin`` remembers the record it was first entered on, so that merges can be undone.
"""

import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Now
from django.urls import reverse

from entities.matching.types import AliasType, Kind
from entities.querysets import EntityQuerySet, FactQuerySet, JudgementQuerySet
from entities.visible import VISIBLE

# Without vowels and look-alikes, so that an id never spells a word and survives being read out.
_ID_ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
_ID_LENGTH = 10  # 27**10 = 2e14: a collision among ten million ids has odds of about one in four, and then the
# unique constraint refuses the insert.


def new_public_id() -> str:
    """An opaque id for a record or an article; never reused."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))


KIND_CHOICES = [(kind.value, kind.value.capitalize()) for kind in Kind]
ALIAS_TYPE_CHOICES = [(type_.value, (type_.value or "name").capitalize()) for type_ in AliasType]
SHOWS = RegexValidator(VISIBLE, "A name with no character that shows is none.")
DATE_FIELDS = ("valid_from", "valid_to", "signed", "in_force")  # of a record: partial ISO dates


class PartialDateField(models.CharField):
    """An ISO date prefix: ``""``, ``"1954"``, ``"1954-07"`` or ``"1954-07-29"``."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 10)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)


def _partial_date_check(field: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__length__in": [0, 4, 7, 10]}), name=name)


models.CharField.register_lookup(Length)


class Source(models.Model):
    """Where facts came from, and under which licence they may be passed on."""

    name = models.CharField(max_length=300)
    licence = models.CharField(max_length=200, blank=True, default="")
    url = models.URLField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["name", "licence"], name="source_name_and_licence_unique")]

    def __str__(self):
        return self.name


class Entity(models.Model):
    """A canonical record: the entry for one real person, state, organization or agreement."""

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    kind = models.CharField(max_length=16, choices=KIND_CHOICES)
    name = models.CharField(max_length=500, validators=[SHOWS])
    description = models.CharField(max_length=1000, blank=True, default="", help_text="Written by a person or a source")
    summary = models.CharField(max_length=500, blank=True, default="", editable=False, help_text="Made from the facts")
    valid_from = PartialDateField(help_text="Birth, founding, entry into force or start of existence")
    valid_to = PartialDateField(help_text="Death, end of existence or of force")
    prominence = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 best known … 3")
    subtype = models.CharField(
        max_length=100, blank=True, default="", help_text="Type of organization or agreement, status of a state"
    )
    capital = models.CharField(max_length=200, blank=True, default="")
    signed = PartialDateField()
    in_force = PartialDateField()
    attributes = models.JSONField(
        default=dict, blank=True, help_text="Further facts: birth_place, occupation, gender …"
    )
    curated_fields = models.JSONField(default=list, blank=True, help_text="Fields a person set: no import changes them")
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="absorbed", editable=False, db_index=False
    )
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False, help_text="Rises with each write: the ETag")
    suppressed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Taken down as a whole: only its id is left"
    )

    objects = EntityQuerySet.as_manager()

    class Meta:
        verbose_name = "record"
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["kind", "name"], name="entity_kind_name"),
            models.Index(fields=["updated_at", "id"], name="entity_updated"),
            # Of the merged alone: nearly every query asks for the others, and SQLite would take a full index for
            # a narrow way to them.
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="entity_merged_into"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="entity_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="entity_has_a_name"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="entity_not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=Q(prominence=None) | Q(prominence__range=(1, 3)), name="entity_prominence_1_to_3"
            ),
            _partial_date_check("valid_from", "entity_valid_from_is_partial_date"),
            _partial_date_check("valid_to", "entity_valid_to_is_partial_date"),
            _partial_date_check("signed", "entity_signed_is_partial_date"),
            _partial_date_check("in_force", "entity_in_force_is_partial_date"),
            models.CheckConstraint(
                condition=Q(signed="", in_force="") | Q(kind=Kind.AGREEMENT.value), name="entity_signed_only_agreement"
            ),
            models.CheckConstraint(
                condition=Q(capital="") | Q(kind=Kind.STATE.value), name="entity_capital_only_of_state"
            ),
        ]
        permissions = [
            ("merge_entity", "Can merge, undo and split records"),
            ("judge_entity", "Can judge pairs of records"),
            ("takedown_entity", "Can take down and correct for good what records say"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """The record's public page."""
        return reverse("record", args=[self.public_id])

    @property
    def is_current(self) -> bool:
        """False for a record that was merged into another, or taken down."""
        return self.merged_into_id is None and self.suppressed_at is None


class Fact(models.Model):
    """What every statement about a record has: its source, its first owner, and whether it still counts."""

    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    origin = models.ForeignKey(
        Entity,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        help_text="The record this was first entered on",
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True

    def wrong_kinds(self) -> list[str]:
        """A sentence for each reference that leads to a record of a kind it may not lead to."""
        return []

    def clean(self):
        """Forms refuse what the service refuses."""
        if wrong := self.wrong_kinds():
            raise ValidationError(wrong)


class Alias(Fact):
    """A name a record is known by, or (demonym, adjective, metonym) a word that stands for it in some uses."""

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=500, validators=[SHOWS])
    key = models.CharField(max_length=500, editable=False, help_text="The normalised name, for exact look-up")
    lang = models.CharField(max_length=16, blank=True, default="", verbose_name="language")
    script = models.CharField(max_length=16, blank=True, default="", editable=False)
    type = models.CharField(max_length=16, blank=True, default="", choices=ALIAS_TYPE_CHOICES)
    is_weak = models.BooleanField("weak", default=False, help_text="Shared by many or unspecific: needs other evidence")
    valid_from = PartialDateField()
    valid_to = PartialDateField()

    class Meta:
        verbose_name = "name"
        ordering = ["pk"]
        # PostgreSQL finds beginnings by an index of this class alone; equal keys as well.
        indexes = [models.Index(fields=["key"], name="alias_key", opclasses=["varchar_pattern_ops"])]
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "name", "lang", "type"],
                condition=Q(withdrawn_at=None),
                name="alias_once_per_record",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="alias_not_empty"),
            models.CheckConstraint(condition=Q(type__in=[type_.value for type_ in AliasType]), name="alias_type_known"),
        ]

    def __str__(self):
        return self.name


#: Schemes of which two live records may not hold the same value, unless the contradiction stands for review.
UNIQUE_SCHEMES = ("wikidata", "iso2", "iso3")


class Identifier(Fact):
    """A record's id elsewhere."""

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="identifiers")
    scheme = models.CharField(max_length=50)
    value = models.CharField(max_length=300)
    is_contested = models.BooleanField(default=False, help_text="Claimed by two records: waits for review")

    class Meta:
        ordering = ["scheme", "value", "pk"]
        indexes = [models.Index(fields=["scheme", "value"], name="identifier_scheme_value")]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "value"],
                condition=Q(scheme__in=UNIQUE_SCHEMES, is_contested=False, withdrawn_at=None),
                name="identifier_unique_in_its_scheme",
            ),
            models.UniqueConstraint(
                fields=["entity", "scheme", "value"],
                condition=Q(withdrawn_at=None),
                name="identifier_once_per_record",
            ),
            models.CheckConstraint(condition=~Q(scheme="") & ~Q(value=""), name="identifier_not_empty"),
        ]

    def __str__(self):
        return f"{self.scheme}:{self.value}"


def _of(kind: Kind) -> dict[str, str]:
    """What a reference may lead to: records of one kind."""
    return {"kind": kind.value}


class Term(Fact):
    """A term of office: who held which title where, from when to when."""

    #: The kind of record that each reference leads to.
    KINDS = {"entity": Kind.PERSON, "state": Kind.STATE, "organization": Kind.ORGANIZATION}

    entity = models.ForeignKey(
        Entity, on_delete=models.PROTECT, related_name="terms", verbose_name="person", limit_choices_to=_of(Kind.PERSON)
    )
    title = models.CharField(max_length=300)
    state = models.ForeignKey(
        Entity, null=True, blank=True, on_delete=models.PROTECT, related_name="terms_at_state",
        limit_choices_to=_of(Kind.STATE),
    )  # fmt: skip
    state_text = models.CharField(max_length=300, blank=True, default="", help_text="As given, where no record fits")
    organization = models.ForeignKey(
        Entity, null=True, blank=True, on_delete=models.PROTECT, related_name="terms_at_organization",
        limit_choices_to=_of(Kind.ORGANIZATION),
    )  # fmt: skip
    organization_text = models.CharField(max_length=300, blank=True, default="")
    start = PartialDateField()
    end = PartialDateField()
    as_of = PartialDateField(help_text="An open end means: still held on this day")

    class Meta:
        verbose_name = "office"
        ordering = ["start", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="term_has_a_title"),
            _partial_date_check("start", "term_start_is_partial_date"),
            _partial_date_check("end", "term_end_is_partial_date"),
        ]

    def __str__(self):
        return self.title

    def wrong_kinds(self) -> list[str]:
        """A sentence for each reference that leads to a record of a kind it may not lead to."""
        return [
            f"The {self._meta.get_field(name).verbose_name} of an office is a record of kind {kind.value}: "
            f"“{getattr(self, name)}” is of kind {getattr(self, name).kind}."
            for name, kind in self.KINDS.items()
            if getattr(self, f"{name}_id") is not None and getattr(self, name).kind != kind
        ]


class Relation(Fact):
    """A dated tie from one record to another (or to text that no record answers to)."""

    class Type(models.TextChoices):
        STATE = "state", "belongs to"
        PARTY = "party", "has party"
        MEMBER = "member", "has member"
        PARENT = "parent", "is part of"
        SUCCESSOR = "successor", "was followed by"
        PREDECESSOR = "predecessor", "came after"

    #: What ties of a type lead to; others lead to records of several kinds.
    KINDS = {Type.STATE: Kind.STATE}

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="relations")
    type = models.CharField(max_length=16, choices=Type.choices)
    target = models.ForeignKey(
        Entity, null=True, blank=True, on_delete=models.PROTECT, related_name="incoming_relations"
    )
    target_text = models.CharField(max_length=300, blank=True, default="")
    start = PartialDateField()
    end = PartialDateField()

    class Meta:
        verbose_name = "tie"
        ordering = ["type", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(target=None, target_text=""), name="relation_has_a_target"),
            models.UniqueConstraint(
                fields=["entity", "type", "target", "start"],
                condition=Q(withdrawn_at=None, target__isnull=False),
                name="relation_once",
            ),
            models.UniqueConstraint(
                fields=["entity", "type", "target_text", "start"],
                condition=Q(withdrawn_at=None, target=None),
                name="relation_to_text_once",
            ),
        ]

    def __str__(self):
        return f"{self.get_type_display()} {self.target_text or self.target_id}"

    def wrong_kinds(self) -> list[str]:
        """A sentence if its type leads to records of one kind and it does not."""
        kind = self.KINDS.get(self.type)
        if kind is None or self.target is None or self.target.kind == kind:
            return []
        return [
            f"“{self.get_type_display()}” leads to a record of kind {kind.value}: “{self.target}” is of kind {self.target.kind}."
        ]


class SourceRecord(models.Model):
    """One row of one source, and the record it feeds: what makes a second import change nothing."""

    source_name = models.CharField(max_length=300, help_text="What keys are unique within: the file's source or name")
    key = models.CharField(max_length=300)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="source_records")
    origin = models.ForeignKey(Entity, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64)
    importer_version = models.CharField(max_length=32, blank=True, default="")
    retrieved_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["key"], name="source_record_key")]
        constraints = [models.UniqueConstraint(fields=["source_name", "key"], name="source_record_key_unique")]

    def __str__(self):
        return self.key


class Judgement(models.Model):
    """A verdict on whether two records are the same. A suggestion never overwrites a person's."""

    class Verdict(models.TextChoices):
        SAME = "same", "Same"
        DIFFERENT = "different", "Different"
        UNSURE = "unsure", "Unsure"

    a = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    b = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=16, choices=Verdict.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by_text = models.CharField(max_length=200, blank=True, default="", help_text="Who, where no user here is it")
    reason = models.CharField(max_length=2000, blank=True, default="")
    judged_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = JudgementQuerySet.as_manager()

    class Meta:
        verbose_name = "verdict"
        ordering = ["-judged_at", "-pk"]
        constraints = [
            # One order for each pair, so that (a, b) and (b, a) are one.
            models.CheckConstraint(condition=Q(a__lt=F("b")), name="judgement_pair_in_order"),
            models.UniqueConstraint(
                fields=["a", "b"], condition=Q(superseded_at=None), name="judgement_one_live_per_pair"
            ),
        ]

    def __str__(self):
        return f"{self.a_id} {self.verdict} {self.b_id}"


class DuplicateSuggestion(models.Model):
    """A pair the engine thinks may be one thing; waits for a judgement."""

    a = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="+")
    b = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="+")
    probability = models.FloatField()
    reasons = models.JSONField(default=list)
    priority = models.FloatField(default=0.0, help_text="Expected value of a verdict: orders the queue")
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    suggested_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-priority", "pk"]
        indexes = [models.Index(fields=["closed_at", "-priority"], name="suggestion_queue")]
        constraints = [
            models.CheckConstraint(condition=Q(a__lt=F("b")), name="suggestion_pair_in_order"),
            models.UniqueConstraint(fields=["a", "b"], name="suggestion_pair_unique"),
        ]

    def __str__(self):
        return f"{self.a_id} ~ {self.b_id}"


class Dismissal(models.Model):
    """A person's word that a record on the wrong-merge radar is one all the same; holds while the radar sees nothing new.

    Of what the radar saw only salted digests are kept, and a takedown empties these, too: the radar then looks anew.
    """

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    salt = models.CharField(max_length=64, editable=False)
    signs = models.JSONField(default=list, editable=False, help_text="Digests of the signs that were seen")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=2000, blank=True, default="")
    made_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity"], condition=Q(superseded_at=None), name="dismissal_one_live_per_record"
            ),
        ]

    def __str__(self):
        return f"{self.entity_id} is one"


class Merge(models.Model):
    """Two records became one. ``inverse`` holds every moved row with its former owner: all that undo needs."""

    survivor = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="merged_away")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=2000, blank=True, default="")
    inverse = models.JSONField(default=dict)
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-merged_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(survivor=F("absorbed")), name="merge_of_two_records"),
            models.UniqueConstraint(
                fields=["absorbed"], condition=Q(undone_at=None), name="merge_one_live_per_absorbed"
            ),
        ]

    def __str__(self):
        return f"{self.absorbed_id} → {self.survivor_id}"


class Split(models.Model):
    """Part of a record went to another one. ``inverse`` holds every moved row: all that taking it back needs."""

    source = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="splits")
    target = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="split_from")
    is_new = models.BooleanField(help_text="The split made the target; taken back, the target redirects to the source")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=2000, blank=True, default="")
    inverse = models.JSONField(default=dict)
    split_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-split_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=F("target")), name="split_into_two_records"),
        ]

    def __str__(self):
        return f"{self.source_id} → {self.target_id}"


class Event(models.Model):
    """What happened to a record, in order, for ever: written in the same transaction as the change."""

    class Type(models.TextChoices):
        CREATED = "created", "Created"
        EDITED = "edited", "Edited"
        MERGED = "merged", "Merged"
        RESTORED = "restored", "Merge undone"
        SPLIT = "split", "Split"
        JUDGED = "judged", "Judged"
        TAKEN_DOWN = "taken_down", "Taken down"
        LIFTED = "lifted", "Takedown lifted"

    #: The reason of an event that takes a verdict back: its sentence says it, too.
    TAKEN_BACK = "taken back"

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="events")
    other = models.ForeignKey(Entity, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=16, choices=Type.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=2000, blank=True, default="")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    happened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["entity", "id"], name="event_entity")]
        permissions = [("erase_event", "Can erase what events say")]

    def __str__(self):
        return f"{self.type} {self.entity_id}"


class Takedown(models.Model):
    """Something was taken off a record for good. What it was is not kept: salted digests know it when it comes again."""

    class Sort(models.TextChoices):
        RECORD = "record", "The whole record"
        FIELD = "field", "A field"
        ALIAS = "alias", "A name"
        IDENTIFIER = "identifier", "An identifier"
        TERM = "term", "An office"
        RELATION = "relation", "A tie"

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="takedowns")
    sort = models.CharField(max_length=16, choices=Sort.choices)
    field = models.CharField(max_length=120, blank=True, default="", help_text="Which field; attributes.… of those")
    salt = models.CharField(max_length=64, editable=False)
    digests = models.JSONField(default=list, editable=False)
    is_correction = models.BooleanField(default=False, help_text="Something else took its place")
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
        indexes = [models.Index(fields=["sort"], condition=Q(lifted_at=None), name="takedown_standing")]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="takedown_has_a_reason"),
            models.CheckConstraint(
                condition=Q(sort="field") & ~Q(field="") | ~Q(sort="field") & Q(field=""), name="takedown_field_named"
            ),
        ]

    def __str__(self):
        return f"{self.get_sort_display()} of record {self.entity_id}"


class Erasure(models.Model):
    """What events said was erased for good, on somebody's word: the one exception to what is written down for ever."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=2000)
    erased_at = models.DateTimeField(auto_now_add=True)
    events = models.PositiveIntegerField(help_text="How many events it concerned")

    class Meta:
        ordering = ["-erased_at", "-pk"]

    def __str__(self):
        return f"{self.events} events, {self.erased_at:%Y-%m-%d}"


class Inspection(models.Model):
    """What ``manage.py fsck`` found, and when; or that somebody asked for it, and a worker has not done it yet."""

    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    begun_at = models.DateTimeField(null=True, editable=False)
    inspected_at = models.DateTimeField(null=True, editable=False)
    breaches = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=list, help_text="[check, breaches, examples]")
    seconds = models.FloatField(default=0.0)

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.breaches} breaches" if self.inspected_at else "asked for"


# Registers the candidate index's tables with this app.
from entities.index_models import IndexChange, IndexPosting, IndexSegment  # noqa: E402, F401
