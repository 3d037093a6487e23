"""Web archives: WARC, each captured page read as such."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from io import BufferedReader, BytesIO, RawIOBase

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParserException

from articles.readers.inputs import Input, Rows
from articles.readers.limits import TooLarge
from articles.readers.packing import DAMAGED, read_at_most, unpack_content

_HEADER_BYTES = 1_000_000  # of one record, those of the answer in it included
# What pages are made of beside their text, and what is no answer to a question for a page: passed over.
_PAGE_PARTS = re.compile(
    r"(?:image|audio|video|font)/|text/(?:css|javascript|dns)|application/(?:x-)?(?:javascript|ecmascript|font|json|manifest|wasm|octet)"
)
_FORMATS = {
    "text/html": "html", "application/xhtml+xml": "html", "text/plain": "txt", "application/rss+xml": "rss",
    "application/atom+xml": "rss", "application/rdf+xml": "rss", "text/xml": "rss", "application/xml": "rss",
}  # fmt: skip
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{2,40})", re.IGNORECASE)


class _Metered(RawIOBase):
    """A stream that refuses to be read further than allowed while a record's header is parsed."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self.allowed: int | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        try:
            data = self._stream.read1(len(buffer))  # as far as it is whole: what came before damage is not lost
        except EOFError as error:  # which warcio takes for the end of the archive
            raise OSError(str(error)) from error
        if self.allowed is not None:
            self.allowed -= len(data)
            if self.allowed < 0:
                raise TooLarge(f"the header of a record is longer than {_HEADER_BYTES} bytes")
        buffer[: len(data)] = data
        return len(data)


def read(source: Input, read_document: Callable[[Input, str], Rows]) -> Rows:
    """The articles of a web archive's captures, in order; the line is the record's number.

    Args:
        read_document: reads a document of a given format.
    """
    metered = _Metered(source.stream)
    metered.allowed = _HEADER_BYTES
    # The headers of the answer are parsed here: where there are none, warcio takes the archive for ended.
    records = ArchiveIterator(metered, no_record_parse=True)
    number = 0
    while True:
        number += 1
        source.line = number
        try:
            record = next(records, None)
            if record is not None:
                _begin(record, records)
        except (
            *DAMAGED,
            ArchiveLoadFailed,
            StatusAndHeadersParserException,
            UnicodeError,
            AttributeError,
            TypeError,
            KeyError,
        ) as error:
            # warcio trusts records to be well-formed in places, and fails on others as Python fails.
            yield source.error(f"the web archive breaks off or is damaged here: {error}"[:300])
            return
        if record is None:
            if number == 1:
                yield source.error("holds no whole record: breaks off, or is no web archive")
            return
        metered.allowed = None
        try:
            yield from _record(record, source, number, read_document)
            if source.options.budget.is_spent(source.options.limits):
                return  # said once, not for each record behind it
            while record.raw_stream.read(1 << 20):  # so that what the next header may take is the header's
                pass
        except DAMAGED as error:
            yield source.error(f"the web archive breaks off or is damaged here: {error}"[:300])
            return
        if getattr(record.raw_stream, "limit", 0) > 0:
            yield source.error("the web archive breaks off in this record")
            return
        metered.allowed = _HEADER_BYTES


_LENGTH = re.compile(r"[0-9]{1,18}")


def _begin(record, records: ArchiveIterator) -> None:
    """Parse what comes before a record's body.

    Raises:
        ArchiveLoadFailed: if the record breaks off there; or is damaged, and nobody knows where the next one begins.
    """
    length = record.rec_headers.get_header("length" if record.format == "arc" else "Content-Length") or ""
    if not _LENGTH.fullmatch(length):
        raise ArchiveLoadFailed("a record does not say how long it is")
    if record.rec_type == "response":
        try:
            record.http_headers = records.loader.load_http_headers(
                "response", _address_of(record), record.raw_stream, int(length)
            )
        except EOFError as error:
            raise ArchiveLoadFailed(str(error) or "a record ends before its answer begins") from error


def _record(record, source: Input, number: int, read_document) -> Rows:
    if record.rec_type not in ("response", "resource", "conversion"):
        return  # about the crawl, or about a page that stands elsewhere
    headers = record.http_headers if record.rec_type == "response" else None
    url = _address_of(record)
    if not url.lower().startswith(("http:", "https:")) and record.rec_type == "response":
        return
    kind = (headers.get_header("Content-Type") if headers is not None else record.content_type) or ""
    media = kind.split(";")[0].strip().lower()
    status = str(headers.get_statuscode()) if headers is not None else "200"
    if status.startswith("3") or status in ("204", "206") or _PAGE_PARTS.match(media):
        return
    name = f"{source.name}!{url[:500]}" if url else source.name
    entry = Input(name, source.stream, source.options, line=number, depth=source.depth)
    if not status.startswith("2"):
        yield entry.error(f"the server answered {status[:3]}, with no article")
        return
    try:
        body = _body(record, headers, source)
        media_format = _FORMATS.get(media) or _looks_like(body) if media in _FORMATS or not media else ""
        if not media_format:
            yield entry.error(f"{media[:60]} is no format that articles are read from")
            return
        if not body.strip():
            yield entry.error("the capture is empty")
            return
        entry.stream = BufferedReader(BytesIO(body))
        charset = _CHARSET.search(kind)
        entry.encoding = charset[1] if charset else ""
        entry.url = url if url.lower().startswith(("http:", "https:")) else ""
        for row in read_document(entry, media_format):
            # The number of the record finds it again, that of the line in it does not.
            yield replace(row, line=number)
    except ValueError as error:
        entry.line = number
        yield entry.error(error)


def _address_of(record) -> str:
    return (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")


def _looks_like(body: bytes) -> str:
    head = body[:1000].lstrip().lower()
    return "html" if head.startswith(b"<") and (b"<html" in head or b"<!doctype html" in head) else ""


def _body(record, headers, source: Input) -> bytes:
    limits = source.options.limits
    body = read_at_most(record.raw_stream, limits.document_bytes)
    if headers is None:
        return body
    if "chunked" in (headers.get_header("Transfer-Encoding") or "").lower():
        body = read_at_most(ChunkedDataReader(BytesIO(body)), limits.document_bytes)
    coding = headers.get_header("Content-Encoding") or ""
    return unpack_content(body, coding, limits, source.options.budget) if coding else body
