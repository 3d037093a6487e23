"""The API against its own description, by Schemathesis: whatever is sent, the answer is one that the description names.

Every check of Schemathesis, as three sorts of caller. The suite runs a short profile, ``make test-full`` 200 examples of
each operation. The records of the examples in the description exist here, so that not everything is a 404.
"""

from __future__ import annotations

import os
import re
from copy import deepcopy

import pytest
import schemathesis
from django.contrib.auth.models import Group
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.db.models import F
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.parameters import ParameterLocation

from articles.models import ImportJob, ImportRowError, Link, NilGroup
from config.models import ApiToken, Scope
from config.throttling import PerAddress, PerScope, PerUser
from config.wsgi import application
from entities import merging
from entities.matching.types import Kind
from entities.models import Alias, DuplicateSuggestion, Identifier, Judgement, Merge, Takedown
from tests.factories import make_alias, make_article, make_mention, make_record, make_term

PERSON, OTHER, STATE, OLD, ARTICLE = "q8rnpz9h4j", "h3kd82mvxw", "c5tw7y2kqa", "m9merged22", "9f2mkx7cwz"
ROLES = {"anonymous": (), "curator": ("curator", "importer"), "admin": ("admin",)}
#: Of each operation, in the long run; 0 leaves it out. Its cases are made while tests are collected, for half a minute.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
NUMBER = 900_000_001  # of every row that is asked for: above what a sequence reaches
FAR = 7 * 10**15  # added to the numbers of others, so that no other number finds anything
_IDS = {"enum": [PERSON, OTHER, STATE, OLD, "zzzzzzzzzz"]}
_NUMBERS = {"type": "integer", "enum": [NUMBER, 2_000_000_000]}
MATCH = "/api/v1/match/"
_READ = ["2xx", "3xx", "401", "403", "404", "406", "410"]
_WRITTEN = [*_READ, "400", "409", "412", "422", "428"]
#: Why a write that fits its schema is not valid all the same.
MEANINGS = [
    r"There is no such record\.",
    r"The record has no such \w+\.",
    r"Needed for \w+\.",
    r"Only an? \w+ has (this date|a capital)\.",
    r"Say which (field\.|one, by its id\.)",
    r"This ends before it begins\.",
    # Of a form: bytes that are none, parts without a file's name, and texts that are JSON, encodings or numbers in their turn.
    r"No file was submitted\.|The submitted data was not a file\. Check the encoding type on the form\.",
    r"This is no JSON\.|This must be an object: our field to the table's column\.|There is no field “.*",
    r"This encoding is not known\.|The file's name tells none: .*",
]
load_all_checks()


@pytest.fixture(autouse=True)
def one_connection():
    """Requests by WSGI end as real ones do, with old connections closed: here the test's own, and with it all it stored."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """A body that is a file: sent as it is."""
    data = getattr(value, "data", value)
    return data if isinstance(data, bytes) else str(data).encode("utf-8", "replace")


def description() -> dict:
    """The API's description, with ids narrowed to some that exist and one that does not."""
    schema = deepcopy(SchemaGenerator().get_schema(request=None, public=True))
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    article = "/articles/" in path
                    shape = {"enum": [ARTICLE, "zzzzzzzzzz"]} if article else _IDS
                    parameter["schema"] = _NUMBERS if parameter["name"] == "id" else {"type": "string", **shape}
                if parameter["name"] == "cursor":
                    parameter["schema"] = {"type": "string", "enum": [""]}  # opaque: nobody makes one up
                if parameter["name"] == "If-Match":
                    parameter["schema"] = {"type": "string", "enum": ["*", '"1"']}
    for component in schema["components"]["schemas"].values():
        for name in ("record", "a", "b", "survivor", "state", "organization"):
            shape = component.get("properties", {}).get(name, {})
            if shape.get("type") == "string":
                shape["enum"] = _IDS["enum"]
    return schema


def fuzzed(examples: int, *, coverage: bool):
    config = schemathesis.Config.from_dict(
        {
            "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
            "checks": {
                "negative_data_rejection": {"expected-statuses": ["4xx"]},
                "missing_required_header": {"expected-statuses": ["401", "403", "404", "410", "428"]},
            },
            "operations": [
                {  # a query that cannot be understood is answered in its place: see ``each_in_its_place``
                    "include-path": MATCH,
                    "checks": {"negative_data_rejection": {"expected-statuses": ["2xx", "4xx"]}},
                },
                {  # a merged id leads on before the rest is looked at; the address it leads to refuses
                    "include-method": "GET",
                    "include-path-regex": "^/api/v1/records/",
                    "checks": {"negative_data_rejection": {"expected-statuses": ["308", "4xx"]}},
                },
                # A write can contradict what is stored, or was read before it changed; a read cannot.
                {"exclude-method": "GET", "checks": {"positive_data_acceptance": {"expected-statuses": _WRITTEN}}},
                {"include-method": "GET", "checks": {"positive_data_acceptance": {"expected-statuses": _READ}}},
            ],
            "phases": {"coverage": {"enabled": coverage, "unexpected-methods": ["PUT"]}},
        }
    )
    schema = schemathesis.openapi.from_dict(description(), config=config)
    schema.app = application
    return schema


@pytest.fixture(params=ROLES)
def caller(request, django_user_model, settings, tmp_path):
    """The headers of a caller, in a world with one of everything under the ids of the description's examples."""
    for throttle in (PerAddress, PerUser, PerScope):
        request.getfixturevalue("monkeypatch").setattr(throttle, "allow_request", lambda *_: True)
    settings.ALLOWED_HOSTS = ["*"]
    settings.MEDIA_ROOT = tmp_path
    settings.SECURE_SSL_REDIRECT = False
    admin = django_user_model.objects.create_superuser("root")
    person, other = make_record("Masoud Pezeshkian", public_id=PERSON), make_record("M. Pezeshkian", public_id=OTHER)
    state = make_record("Iran", kind=Kind.STATE, public_id=STATE)
    Identifier.objects.create(entity=state, origin=state, scheme="iso3", value="IRN")
    make_alias(person, "Pezeshkian", id=NUMBER)
    make_term(person, "President", state=state, start="2024-07-28", id=NUMBER)
    old = make_record("Persia", kind=Kind.STATE, public_id=OLD)
    merging.merge_many(survivor_id=state.pk, absorbed_ids=[old.pk], actor=admin)
    article = make_article("Pezeshkian spoke of Iran. Jane Roe listened.", published_on="2025-01-17", public_id=ARTICLE)
    make_mention(article, "Pezeshkian", person, status="review", candidates=[person], id=NUMBER)
    # Nothing points at a link or a merge, so that they can take the number that all else has.
    Link.objects.update(id=NUMBER)
    Merge.objects.update(id=NUMBER)
    make_mention(article, "Iran", state, type="GPE", id=FAR)
    group = NilGroup.objects.create(
        key="jane roe", name="Jane Roe", kind="person", mention_count=1, article_count=1, id=NUMBER
    )
    make_mention(article, "Jane Roe", nil_group=group, id=FAR + 1)
    for model in (Alias, Link):
        model.objects.exclude(id=NUMBER).update(id=F("id") + FAR)
    job = ImportJob.objects.create(id=NUMBER, path="wire.jsonl", status="cancelled")
    ImportRowError.objects.create(job=job, file="wire.jsonl", line=3, reason="no text", excerpt="{}")
    Takedown.objects.create(id=NUMBER, entity=other, sort="field", field="valid_from", reason="asked for", actor=admin)
    DuplicateSuggestion.objects.create(a=person, b=other, probability=0.7, id=NUMBER)
    Judgement.objects.create(a=person, b=other, verdict="unsure", actor=admin, id=NUMBER)
    if not ROLES[request.param]:
        return {}
    user = django_user_model.objects.create_user(request.param)
    user.groups.add(*Group.objects.filter(name__in=ROLES[request.param]))
    _, secret = ApiToken.issue(owner=user, name="fuzz", scopes=Scope.values)
    return {"Authorization": f"Bearer {secret}"}


_settings = settings(
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large
    ],
)  # fmt: skip
_checks = [CHECKS.get_one(name) for name in CHECKS.get_all_names()]
short = fuzzed(2, coverage=False)


def each_in_its_place(case, answer) -> None:
    """Of a batch that was answered: a query that is not valid has status 400, and of a valid batch none has."""
    if case.path != MATCH or answer.status_code != 200:
        return
    body = case.meta.components.get(ParameterLocation.BODY)
    is_refused = any(result["status"] == 400 for result in answer.json()["results"])
    assert is_refused == (body is not None and body.mode.is_negative), (case.body, answer.json())


def refused_for_what_is_stored(case, answer) -> None:
    """What the schema allows is refused with 400 only for what no schema can say: every reason is one of ``MEANINGS``."""
    if answer.status_code != 400 or case.meta.generation.mode.is_negative:
        return
    problem = answer.json()
    reasons = problem.get("errors", {"": [problem["detail"]]})
    unknown = [one for one in _texts(reasons) if not re.fullmatch("|".join(MEANINGS), one)]
    assert not unknown, (unknown, case.body, case.query)


def _texts(errors) -> list[str]:
    if isinstance(errors, str):
        return [errors]
    return [text for one in (errors.values() if isinstance(errors, dict) else errors) for text in _texts(one)]


def is_empty(value) -> bool:
    """Of a parameter: of several values the last counts."""
    return value in ({}, [], "") or (isinstance(value, list) and is_empty(value[-1]))


def ask(case, caller) -> None:
    """Send a case; every check of Schemathesis, and ours."""
    if case.meta.generation.mode.is_negative and any(map(is_empty, (case.query or {}).values())):
        return  # sent as an empty parameter, which counts as an absent one
    if case.media_type == "multipart/form-data" and not case.meta.generation.mode.is_negative:
        case.query = {}  # the options of a form are its fields, which no schema can say
    answer = case.call_and_validate(headers=caller, checks=_checks)
    each_in_its_place(case, answer)
    refused_for_what_is_stored(case, answer)


@pytest.mark.django_db
@short.parametrize()
@_settings
def test_every_operation_answers_as_described(case, caller):
    ask(case, caller)


if EXAMPLES:

    @pytest.mark.full
    @pytest.mark.django_db
    @fuzzed(EXAMPLES, coverage=True).parametrize()
    @_settings
    def test_every_operation_answers_as_described_whatever_is_sent(case, caller):
        ask(case, caller)
