"""Files made to break a reader: each a name, its bytes, and a word of the reason expected (``""``: rows may come of it)."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
import zlib
from functools import lru_cache

import zstandard

SENTENCE = "The two delegations met in the old town hall on Tuesday and agreed to keep the border open. "
ROW = {"title": "Border stays open", "text": SENTENCE * 3}
LINE = json.dumps(ROW) + "\n"
PAGE = (
    "<!doctype html><html lang='en'><head><title>Border stays open</title></head><body><article><h1>Border stays open</h1>"
    + f"<p>{SENTENCE * 2}</p>" * 5
    + "</article></body></html>"
)
MB = 1_000_000


def zipped(entries, method=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def tarred(entries, mode="w") -> bytes:
    """Entries are (name, bytes) or ready ``TarInfo``."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
            else:
                info = tarfile.TarInfo(entry[0])
                info.size = len(entry[1])
                archive.addfile(info, io.BytesIO(entry[1]))
    return out.getvalue()


def special(name: str, sort: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = sort, target
    return info


def overlapping_zip(times: int) -> bytes:
    """One packed entry that a directory names many times, as in the bombs of Fifield (2019)."""
    data = zipped([("a.txt", SENTENCE.encode() * 5000)])
    at = data.rfind(b"PK\x01\x02")
    end = data.rfind(b"PK\x05\x06")
    entry = data[at:end]
    directory = entry * times
    return data[:at] + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, times, times, len(directory), at, 0)


def linked_zip() -> bytes:
    info = zipfile.ZipInfo("passwd.txt")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return zipped([(info, "/etc/passwd")])


def warc_record(
    kind: str, uri: str, body: bytes, headers: str = "", media: str = "application/http; msgtype=response"
) -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2024-03-05T10:00:00Z\r\n"
    head += f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>\r\nContent-Type: {media}\r\n{headers}"
    return head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body + b"\r\n\r\n"


def answer(body: bytes, media="text/html", status="200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\n{more}\r\n".encode() + body


def feed(items: str, declaration: str = "") -> bytes:
    head = f'<?xml version="1.0"?>{declaration}<rss version="2.0"><channel><title>Harbour Daily</title>'
    return f"{head}{items}</channel></rss>".encode()


ITEM = f"<item><title>Border</title><link>https://x.example/1</link><description>{SENTENCE}</description></item>"
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
BOMB = bytes(60 * MB)
LONG_LINE = b'{"text": "' + b"a" * (60 * MB)


@lru_cache(maxsize=1)  # the bombs take seconds to pack
def cases() -> list[tuple[str, bytes, str]]:
    """(file name, content, a word of the reason)."""
    deep = "<div>" * 100_000
    header = tarred([("a.txt", b"x")])
    return [
        ("bomb.txt.gz", gzip.compress(BOMB), "times its size"),
        ("bomb.jsonl.bz2", bz2.compress(BOMB), "times its size"),
        ("bomb.html.xz", lzma.compress(BOMB, preset=0), "larger than|times its size"),
        ("bomb.csv.zst", zstandard.compress(BOMB), "times its size"),
        ("twice.txt.gz", gzip.compress(gzip.compress(b"x")), "packed twice"),
        ("cut.jsonl.gz", gzip.compress(LINE.encode() * 2000)[:-20], "breaks off"),
        ("huge-window.txt.zst", b"\x28\xb5\x2f\xfd\x00\xff" + b"\x00" * 40, "damaged"),
        ("trailing.txt.gz", gzip.compress(b"hello") + b"what is this", "something else follows"),
        ("bomb.zip", zipped([("a.txt", BOMB)]), "times its size|larger than"),
        ("nested.zip", zipped([("b.zip", zipped([("c.zip", zipped([("d.txt", b"x")]))]))]), "not opened"),
        ("nested-bomb.zip", zipped([("b.zip", zipped([("a.txt", BOMB)]))]), "times its size|larger than"),
        ("overlapping.zip", overlapping_zip(500), "overlaps"),
        ("up.zip", zipped([("../../up.txt", SENTENCE), ("/etc/cron.txt", SENTENCE), ("C:\\x.txt", SENTENCE)]), "leads out"),
        ("link.zip", linked_zip(), "link"),
        ("lzma.zip", zipped([("a.txt", SENTENCE)], zipfile.ZIP_LZMA), "method"),
        ("broken.zip", zipped([("a.txt", SENTENCE * 100)])[:-30], "damaged"),
        ("lying.zip", zipped([("a.txt", SENTENCE * 100)]).replace(zlib.crc32((SENTENCE * 100).encode()).to_bytes(4, "little"), b"\0\0\0\0"), "damaged"),
        ("up.tar", tarred([("../up.txt", SENTENCE.encode())]), "leads out"),
        ("link.tar", tarred([special("a.txt", tarfile.SYMTYPE, "/etc/passwd")]), "link"),
        ("hard.tar", tarred([special("a.txt", tarfile.LNKTYPE, "/etc/passwd")]), "link"),
        ("device.tar", tarred([special("a.txt", tarfile.CHRTYPE)]), "device"),
        ("fifo.tar", tarred([special("a.txt", tarfile.FIFOTYPE)]), "device"),
        ("cut.tar", header[:700], "breaks off"),
        ("header.tar", tarred([("n" * 200_000, b"x")]), "header"),
        ("digits.tar", tarred([special("x", tarfile.XHDTYPE)])[:512].replace(b"00000000000", b"00003641100", 1) + b"1" * MB, "damaged"),
        ("bomb.tar.gz", tarred([("a.txt", BOMB)], "w:gz"), "times its size|larger than"),
        ("laughs.rss", feed(ITEM, LAUGHS), "declares entities"),
        ("laughs16.xml", feed(ITEM, LAUGHS).decode().encode("utf-16"), "declares entities"),
        ("external.xml", feed(ITEM.replace("Border", "&e;"), EXTERNAL), "declares entities"),
        ("unclosed.rss", feed("<item><title>x" * 100_000), ""),
        ("deep.rss", feed("<item><description>" + deep.replace("<", "&lt;").replace(">", "&gt;") + "</description></item>"), "nested"),
        ("deep-tags.rss", feed("<a>" * 100_000), "no items"),
        ("nothing.rss", b"", "no"),
        ("deep.html", f"<html><body>{deep}{SENTENCE}".encode(), "nested"),
        ("deep-spans.html", f"<html><body><p>{'<span>' * 100_000}{SENTENCE}".encode(), "nested"),
        ("many.html", f"<html><body><article>{'<p>a b c d e f g h i j k</p>' * 300_000}".encode(), ""),
        ("attributes.html", ("<html><body><p " + " ".join(f"a{n}='x'" for n in range(300_000)) + f">{SENTENCE}").encode(), ""),
        ("comments.html", ("<html><body>" + "<!--" * 500_000 + SENTENCE).encode(), ""),
        ("angles.html", b"<" * 3_000_000, "no article"),
        ("large.html", b"<p>" + b"a" * (11 * MB), "larger than"),
        ("script.html", b"<html><body><script>" + b"var a=1;" * 1000 + b"</script></body></html>", "no article"),
        ("empty.html", b"", "no"),
        ("nul.html", b"\x00" * 100_000, "no"),
        ("long-line.jsonl", LONG_LINE, "longer than"),
        ("long-line.csv", b"title,text\n" + b"a" * (60 * MB), "longer than"),
        ("deep.jsonl", (b'{"text": "a", "x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}\n"), "nested"),
        ("deep.json", b"[" * 500_000, "closed"),
        ("int.jsonl", b'{"text": ' + b"9" * 100_000 + b"}\n", "digits"),
        ("float.jsonl", b'{"text": "a b c", "x": 1e999999, "y": NaN, "z": -Infinity}\n', ""),
        ("values.jsonl", b'{"text": "a", "x": [' + b"[]," * 3_000_000 + b"[]]}\n", "values"),
        ("surrogate.jsonl", b'{"text": "a \\ud800 b \\udfff c", "title": "\\udc00"}\n', ""),
        ("nul.jsonl", b'{"text": "a \\u0000 b\\u0000", "title": "\\u0000"}\n', ""),
        ("key.jsonl", json.dumps({"text": "a b", **{f"k{n}": n for n in range(50_000)}}).encode(), ""),
        ("binary.jsonl", bytes(range(256)) * 100, "JSON|damaged"),
        ("types.jsonl", b'{"text": ["a"]}\n{"text": {"a": 1}}\n[]\n3\n"x"\nnull\n', "is no"),
        ("columns.csv", b"text," * 1_000_000 + b"\n" + b"a," * 1_000_000, "columns"),
        ("quote.csv", b'title,text\nA,"open\n' + b"B,second text\n" * 20_000, "never closed"),
        ("quotes.csv", b"title,text\n" + b'A,"open\n' * 50_001, "never closed"),
        ("nul.csv", b"title,text\nA,te\x00xt\n\x00\x00,b\n", ""),
        ("empty.csv", b"", "empty"),
        ("no-text.csv", b"name,age\nA,3\n", "no column"),
        ("cells.csv", b"title,text\nA,b,c,d\n", "cells"),
        ("broken8.txt", b"caf\xe9 \xff\xfe \xc3( " + SENTENCE.encode(), ""),
        ("binary.txt", bytes(100_000), "no text|binary"),
        ("bare16.txt", SENTENCE.encode("utf-16-le"), ""),
        ("odd16.txt", b"\xff\xfe" + SENTENCE.encode("utf-16-le")[:-1], ""),
        ("bare32.txt", SENTENCE.encode("utf-32-be"), ""),
        ("mark32.txt", SENTENCE.encode("utf-32"), ""),
        ("bad32.txt", b"\xff\xfe\x00\x00" + b"\xff" * 4000, ""),
        ("invisible.txt", ("\u200b\u202e\ufeff\u2066" * 100).encode(), "no text"),
        ("body.warc.gz", gzip.compress(warc_record("response", "https://x.example/a", answer(b"a" * (12 * MB)))), "larger than|times"),
        ("coded.warc", warc_record("response", "https://x.example/a", answer(gzip.compress(BOMB), more="Content-Encoding: gzip\r\n")), "times|larger"),
        ("brotli.warc", warc_record("response", "https://x.example/a", answer(b"\x1b", more="Content-Encoding: br\r\n")), "packed as"),
        ("chunks.warc", warc_record("response", "https://x.example/a", answer(b"7fffffff\r\nabc", more="Transfer-Encoding: chunked\r\n")), ""),
        ("header.warc", b"WARC/1.0\r\nX: " + b"a" * (3 * MB), "longer than"),
        ("negative.warc", b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: -5\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx", ""),
        ("huge.warc", b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999999999999999\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx", ""),
        ("cut.warc", warc_record("response", "https://x.example/a", answer(PAGE.encode()))[:200], ""),
        ("endless.warc", b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\nx", "how long it is"),
        ("squared.warc", "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 5²\r\n\r\nx".encode(), "how long it is"),
        ("not.warc", b"hello\r\n\r\nworld", "no web archive|damaged"),
        ("empty.zip", b"", "no zip"),
        ("not.tar", b"hello" * 1000, "no tar"),
    ]  # fmt: skip
