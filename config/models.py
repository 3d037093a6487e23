"""Who may come in by a token, and the answers kept for requests that are sent twice."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

PREFIX = "rdk_"
_SHOWN_CHARS = 8  # of the secret's beginning, stored in the clear to find the row by
_USED_EVERY = timedelta(minutes=1)  # last_used_at is written no more often


class Scope(models.TextChoices):
    """What a token may be used for, within what its owner may do."""

    READ = "read", "Read"
    WRITE = "write", "Write: records, names, offices"
    CURATE = "curate", "Curate: decisions, verdicts, merges"
    IMPORT = "import", "Import"


def digest_of(secret: str) -> str:
    """What is stored of a secret. It is 256 random bits, which nobody guesses: a slow hash would protect nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


class TokenQuerySet(models.QuerySet):
    """Tokens."""

    def of_secret(self, secret: str):
        """The token with this secret and its owner, or None."""
        if not secret.startswith(PREFIX) or not secret.isascii() or len(secret) > 100:
            return None
        rows = self.select_related("owner").filter(prefix=secret[: len(PREFIX) + _SHOWN_CHARS]).order_by()
        digest = digest_of(secret)
        return next((row for row in rows if secrets.compare_digest(row.digest, digest)), None)


class ApiToken(models.Model):
    """A key for programs: acts for its owner, within its scopes, until it expires or is revoked."""

    name = models.CharField(max_length=200, help_text="What it is for: tells tokens apart")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    prefix = models.CharField(max_length=16, db_index=True, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: does not expire")
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="token_has_a_name")]

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def issue(cls, *, owner, name: str, scopes, expires_at=None) -> tuple[ApiToken, str]:
        """A new token and its secret, which is told this once and stored nowhere."""
        token = cls(owner=owner, name=name, scopes=sorted(set(scopes)), expires_at=expires_at)
        secret = token.renew()
        token.save()
        return token, secret

    def renew(self) -> str:
        """Give the token a new secret, unsaved; returns it."""
        secret = PREFIX + secrets.token_urlsafe(32)
        self.prefix, self.digest = secret[: len(PREFIX) + _SHOWN_CHARS], digest_of(secret)
        return secret

    @property
    def is_expired(self) -> bool:
        """Past its time."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    def note_use(self) -> None:
        """Remember that the token is in use, to the minute: no write for each request."""
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at >= _USED_EVERY:
            type(self).objects.filter(pk=self.pk).update(last_used_at=now)

    def revoke(self) -> None:
        """End the token's use for good."""
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])


class IdempotentRequest(models.Model):
    """A writing request that came with an ``Idempotency-Key``, and its answer once there is one."""

    holder = models.CharField(max_length=40, help_text="Whose key it is: a user's or a token's")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="Of method, address and body")
    status = models.PositiveSmallIntegerField(null=True, help_text="Empty while the request is being answered")
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True, default="")
    begun_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["holder", "key"], name="idempotency_key_once_per_holder")]

    def __str__(self):
        return self.key
