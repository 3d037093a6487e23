"""Hostile inputs by the thousand: no exception, none for long, and the memory comes back."""

from __future__ import annotations

import bz2
import gc
import gzip
import io
import json
import lzma
import os
import random
import time

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.readers import READERS, ArticleRow, Limits, ReadOptions, RowError, preview, read_bytes
from tests.articles.readers import hostile
from tests.articles.readers.test_formats import FILES

FORMATS = sorted(READERS)
SECONDS = 10.0
# Limits so low that even small inputs meet them.
TIGHT = ReadOptions(limits=Limits(document_bytes=20_000, job_bytes=None, cpu_seconds=5))
_FRAGMENTS = [
    b"\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3\x28", "\u202e\u200b\u2066".encode(), b'"', b"'", b"\\", b"\n",
    b"\r", b"{", b"}", b"[", b"]", b"<", b">", b"</", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<!DOCTYPE", b"<!ENTITY a 'b'>", b"&a;", b"&#0;",
    b"&#xD800;", b"&#x10FFFF;", b"<script>", b"<svg>", b"<p>", b"<div>", b"<table><tr><td>", b"<a href='javascript:x'>", b",", b";", b"\t", b"|",
    b'{"text":', b'"a\\ud800"', b"1e999", b"9" * 5000, b"null", b"true", b"NaN", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"PK\x03\x04",
    b"PK\x05\x06", b"WARC/1.0\r\n", b"Content-Length: 5\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"<rss><channel><item>", b"<entry>", b"<title>",
    b"2024-02-30", b"0000-00-00", b"99/99/9999", hostile.SENTENCE.encode(), "تعذر الوصول".encode("cp1256"), "漢字かな".encode("cp932"), b"ustar",
]  # fmt: skip
_PACKERS = [bytes, bytes, bytes, gzip.compress, bz2.compress, lzma.compress, zstandard.compress]
_SEEDS = [*FILES.values(), *(data for _, data, _ in hostile.cases() if len(data) < 200_000)]


def read_all(data: bytes, format: str, options: ReadOptions = TIGHT) -> None:
    """Read, and hold what comes to what readers promise."""
    began = time.process_time()
    for row in read_bytes(f"x.{format}", io.BufferedReader(io.BytesIO(data)), options, format):
        assert isinstance(row, (ArticleRow, RowError))
        assert row.line >= 1
        if isinstance(row, RowError):
            assert row.reason.strip()
            str(row).encode("utf-8")
        else:
            assert row.text.strip()
            assert len(row.text) <= options.limits.document_bytes
            for value in (row.text, row.title, row.author, row.source, row.url, row.external_id, row.language):
                assert "\x00" not in value
                value.encode("utf-8")  # no half of a surrogate pair
            assert "\n" not in row.title
    assert time.process_time() - began < SECONDS


def mutated(chance: random.Random) -> bytes:
    """A sound or hostile file with bytes changed, cut, doubled, and fragments put in; sometimes packed."""
    data = bytearray(chance.choice(_SEEDS))
    for _ in range(chance.choice([0, 1, 2, 3, 10, 50])):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            data[at : at + chance.randrange(1, 20)] = b""
        elif kind == 1:
            data[at:at] = chance.choice(_FRAGMENTS) * chance.choice([1, 1, 2, 50])
        elif kind == 2:
            data[at:at] = data[at : at + chance.randrange(200)] * chance.choice([1, 3, 20])
        elif kind == 3 and data:
            data[min(at, len(data) - 1)] = chance.randrange(256)
        else:
            del data[at + chance.randrange(1, 5000) :]
    return chance.choice(_PACKERS)(bytes(data[:300_000]))


def memory() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def run(count: int, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(count):
        read_all(mutated(chance), chance.choice(FORMATS))


def test_changed_files_break_no_reader():
    run(250, seed=1)


@given(
    st.lists(
        st.one_of(st.sampled_from(_FRAGMENTS), st.binary(max_size=40), st.text(max_size=40).map(str.encode)),
        max_size=30,
    ),
    st.sampled_from(FORMATS),
)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_bytes_are_read_or_refused(parts, format):
    read_all(b"".join(parts), format)
    preview(b"".join(parts))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4), max_leaves=12,
)  # fmt: skip
_NAMES = st.sampled_from(
    ["text", "title", "url", "published_at", "source", "language", "author", "external_id", "html", "x"]
)


@given(st.lists(st.dictionaries(_NAMES, _VALUES, max_size=6), max_size=4))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_objects_are_read_or_refused(rows):
    read_all("\n".join(map(json.dumps, rows)).encode(), "jsonl")
    read_all(json.dumps(rows).encode(), "json")


@pytest.mark.full
def test_ten_thousand_hostile_inputs_break_no_reader_and_leave_no_memory_behind():
    run(300, seed=2)  # what is loaded once
    gc.collect()
    before = memory()
    run(10_000, seed=3)
    gc.collect()
    grown = memory() - before
    print(f"memory grew by {grown / 1e6:.0f} MB over 10,000 inputs")
    assert grown < 50_000_000


@pytest.mark.full
@given(st.lists(st.one_of(st.sampled_from(_FRAGMENTS), st.binary(max_size=80)), max_size=60), st.sampled_from(FORMATS))
@settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_three_thousand_strings_of_fragments_are_read_or_refused(parts, format):
    read_all(b"".join(parts), format)
