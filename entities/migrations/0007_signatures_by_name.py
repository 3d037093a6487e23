"""Signatures of segments in the order of the names, where they were in the order of their four words."""

import secrets

import numpy as np
from django.db import migrations

_WORDS = 4


def _turn(rows, shape):
    for segment in rows.only("size", "signatures", "token").iterator(chunk_size=1):
        old = np.frombuffer(bytes(segment.signatures), dtype="<u8").reshape(shape(segment.size))
        segment.signatures = np.ascontiguousarray(old.T).tobytes()
        segment.token = secrets.randbelow(2**44 - 1) + 1  # processes that hold the segment read it anew
        segment.save(update_fields=["signatures", "token"])


def by_name(apps, schema_editor):
    _turn(apps.get_model("entities", "IndexSegment").objects.exclude(size=0), lambda size: (_WORDS, size))


def by_word(apps, schema_editor):
    _turn(apps.get_model("entities", "IndexSegment").objects.exclude(size=0), lambda size: (size, _WORDS))


class Migration(migrations.Migration):
    dependencies = [("entities", "0006_append_only")]
    operations = [migrations.RunPython(by_name, by_word)]
