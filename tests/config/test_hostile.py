"""Hostile input through the API and the admin's forms: refused or taken, never a server error, never slow.

The suite sends a few hundred seeded requests, ``make test-full`` ten thousand.
"""

# ruff: noqa: E501
from __future__ import annotations

import json
import random
import time

import pytest
from django.test import Client

from config.throttling import PerAddress, PerScope, PerUser
from tests.config.test_matrix import OPERATIONS, PAGES, Scene

SLOWEST = 10  # seconds

TEXTS = [
    "\0", "a\0b", "\ud800", "\udfff x", "\u202e\u2066evil\u2069", "\u200b" * 50, "\ufeff", "\x1b[31m", "a" * 1_000_000, "é" * 300_000,
    "\u0301" * 5_000, "%00", "%ff%fe", "' OR 1=1 --", '"; DROP TABLE entities_entity; --', "<script>alert(1)</script>",
    "{{7*7}}{% debug %}", "../../etc/passwd", "${jndi:ldap://x}", "=cmd|' /C calc'!A0", "NaN", "-1", "1e309", "0x10", "9" * 5_000,
    "٣", "null", "[]", "\r\nSet-Cookie: a=b", "a" * 300 + "!" * 300, "(" * 2_000, "\\" * 999, "🙂" * 2_000, "ﷺ" * 500, " ", "",
]  # fmt: skip
VALUES = [
    *TEXTS,
    None,
    True,
    -1,
    0,
    2**63,
    2**64,
    10**400,
    -(2**63) - 1,
    1.5,
    [],
    {},
    [None],
    {"a": {"b": []}},
    ["x"] * 600,
]
BODIES = [
    b"", b"{", b"[" * 100_000, b'{"a":' * 500 + b"1" + b"}" * 500, b"\xff\xfe\x00", b"\xed\xa0\x80", b'{"name": "\xff"}',
    b'"\\ud800"', b"9" * 100_000, b"NaN", b"\x00" * 1_000, b'{"a": 1, "a": 2}', b"null", b"true", b"[" * 30 + b"]" * 30,
]  # fmt: skip
TYPES = [
    "application/json", "application/json; charset=utf-16", "application/json; charset=nonsense", "text/plain", "text/html",
    "multipart/form-data; boundary=x", "multipart/form-data", "application/x-www-form-urlencoded", "", "a/b; c" * 300, "\xff/\xff",
]  # fmt: skip
ACCEPTS = [
    "*/*",
    "text/html",
    "application/json;q=" + "9" * 1_000,
    ",".join(["a/b;q=0.1"] * 2_000),
    "x",
    "application/xml",
    ";;;;",
]
NAMES = [
    "q", "kind", "on", "state", "page_size", "cursor", "ordering", "fields", "record", "mention", "name", "type", "redirect",
    "match", "since", "until", "office", "format", "callback", "queries", "query", "extend", "prefix", "limit", "ids", "age",
]  # fmt: skip
FIELDS = [
    "name", "kind", "reason", "valid_from", "attributes", "survivor", "absorbed", "a", "b", "verdict", "action", "record", "scope",
    "new_record", "queries", "limit", "text", "date", "language", "title", "start", "state", "prominence", "lang", "choices",
]  # fmt: skip


def _encodable(text: object) -> str:
    return str(text).encode("utf-8", "replace").decode()


def api_requests(rnd: random.Random, scene: Scene, count: int):
    """Method, address, arguments of the test client."""
    for _ in range(count):
        method, path = rnd.choice(OPERATIONS).split()
        pk = rnd.choice(["1", "0", "9" * 30, "9" * 5_000, str(scene.merge.pk)])
        path = path.replace(
            "<slug:public_id>", rnd.choice([scene.record.public_id, scene.article.public_id, "x" * 300, "zzzzzzzzzz"])
        )
        path = path.replace("<int:pk>", pk)
        more = {"HTTP_ACCEPT": rnd.choice(ACCEPTS)} if rnd.random() < 0.2 else {}
        if rnd.random() < 0.3:
            more["HTTP_IF_MATCH"] = rnd.choice(["*", '"1"', "x" * 5_000, "W/" * 999, '"' * 99])
        if rnd.random() < 0.3:
            more["HTTP_IDEMPOTENCY_KEY"] = rnd.choice(["k", "\xff", "x" * 999, ""])
        if method == "GET":
            asked = [(rnd.choice(NAMES), _encodable(rnd.choice(TEXTS))[:20_000]) for _ in range(rnd.randint(1, 4))]
            query = "&".join(f"{name}={_quoted(value)}" for name, value in asked + asked[: rnd.randint(0, 1)])
            yield "get", path, {"QUERY_STRING": query, **more}
        elif rnd.random() < 0.5:
            body = {rnd.choice(FIELDS): rnd.choice(VALUES) for _ in range(rnd.randint(1, 5))}
            yield method.lower(), path, {"data": json.dumps(body).encode(), "content_type": "application/json", **more}
        else:
            yield method.lower(), path, {"data": rnd.choice(BODIES), "content_type": rnd.choice(TYPES), **more}


def _quoted(value: str) -> str:
    from urllib.parse import quote

    return quote(value)


def page_requests(rnd: random.Random, scene: Scene, count: int):
    addresses = sorted(address for address in PAGES if "logout" not in address and "password" not in address)
    names = [
        *NAMES, *FIELDS, "survivor", "target", "entity", "aliases", "also", "note", "do", "_selected_action", "csrf", "description",
        "username", "scopes", "expires_at_0", "_save", "q", "p", "o", "e", "at", "before", "after", "path", "surfaces",
    ]  # fmt: skip
    for _ in range(count):
        address = scene.fill(rnd.choice(addresses))
        if rnd.random() < 0.5:
            query = "&".join(
                f"{rnd.choice(names)}={_quoted(_encodable(rnd.choice(TEXTS))[:20_000])}"
                for _ in range(rnd.randint(1, 4))
            )
            yield "get", address, {"QUERY_STRING": query}
        else:
            yield (
                "post",
                address,
                {"data": {rnd.choice(names): _encodable(rnd.choice(TEXTS)) for _ in range(rnd.randint(1, 6))}},
            )


def storm(django_user_model, monkeypatch, settings, *, seed: int, count: int) -> None:
    for throttle in (PerAddress, PerUser, PerScope):
        monkeypatch.setattr(throttle, "allow_request", lambda *_: True)
    settings.SECURE_SSL_REDIRECT = False
    rnd, scene = random.Random(seed), Scene(django_user_model)
    admin = django_user_model.objects.get(username="root")
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    faults = []
    for requests in (api_requests(rnd, scene, count // 2), page_requests(rnd, scene, count // 2)):
        for method, address, arguments in requests:
            begun = time.process_time()
            if isinstance(arguments.get("data"), dict) or method == "get":
                answer = getattr(client, method)(address, **arguments)
            else:  # as it is: the other methods of the client would encode it anew
                answer = client.generic(method.upper(), address, **arguments)
            seconds = time.process_time() - begun
            if answer.status_code >= 500 or seconds > SLOWEST:
                faults.append(f"{answer.status_code} {seconds:.1f} s {method} {address[:100]} {str(arguments)[:300]}")
    assert not faults, "\n".join(faults[:20])


@pytest.mark.django_db
def test_nothing_hostile_is_a_server_error(django_user_model, monkeypatch, settings):
    storm(django_user_model, monkeypatch, settings, seed=1, count=300)


@pytest.mark.full
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(10))
def test_ten_thousand_hostile_requests_are_no_server_error(django_user_model, monkeypatch, settings, seed):
    storm(django_user_model, monkeypatch, settings, seed=100 + seed, count=1_000)


@pytest.mark.django_db
@pytest.mark.parametrize("model", ["term", "relation", "alias", "identifier"])
def test_a_key_that_is_none_chooses_nothing_in_a_form(admin_client, model):
    address = f"/admin/entities/{model}/add/"
    for value in ("null", "=cmd", "9" * 30, "-1"):
        more = {"entity": value, "state": value, "target": value, "source": value}
        assert admin_client.get(address, more).status_code == 200
        assert admin_client.post(address, more).status_code == 200
