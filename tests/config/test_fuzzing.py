"""The API against its own description, by Schemathesis: whatever is sent, the answer is one that the description names.

Every check of Schemathesis, as three sorts of caller. The suite runs a short profile, ``make test-full`` 200 examples of
each operation. The records of the examples in the description exist here, so that not everything is a 404.
"""

from __future__ import annotations

import os
from copy import deepcopy

import pytest
import schemathesis
from django.contrib.auth.models import Group
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle, UserRateThrottle
from schemathesis.checks import CHECKS, load_all_checks

from articles.models import Link, NilGroup
from config.models import ApiToken, Scope
from config.wsgi import application
from entities import merging
from entities.matching.types import Kind
from entities.models import DuplicateSuggestion, Identifier, Judgement, Merge
from tests.factories import make_alias, make_article, make_mention, make_record, make_term

PERSON, OTHER, STATE, OLD, ARTICLE = "q8rnpz9h4j", "h3kd82mvxw", "c5tw7y2kqa", "m9merged22", "9f2mkx7cwz"
ROLES = {"anonymous": (), "curator": ("curator", "importer"), "admin": ("admin",)}
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "200"))
NUMBER = 900_000_001  # of every row with a number: above what a sequence reaches
_IDS = {"enum": [PERSON, OTHER, STATE, OLD, "zzzzzzzzzz"]}
_NUMBERS = {"type": "integer", "enum": [NUMBER, 2_000_000_000]}
load_all_checks()


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
            # A body can contradict itself, or what is stored, in ways that no schema can say; a read cannot.
            "operations": [
                {  # a query that cannot be understood is answered in its place, with 200 for the whole
                    "include-path": "/api/v1/match/",
                    "checks": {
                        "negative_data_rejection": {"expected-statuses": ["2xx", "4xx"]},
                        "positive_data_acceptance": {"expected-statuses": ["2xx", "4xx"]},
                    },
                },
                {
                    "exclude-method": "GET",
                    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", "4xx"]}},
                },
                {
                    "include-method": "GET",
                    "checks": {
                        "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", "401", "403", "404", "410"]}
                    },
                },
            ],
            "phases": {"coverage": {"enabled": coverage, "unexpected-methods": ["PUT"]}},
        }
    )
    schema = schemathesis.openapi.from_dict(description(), config=config)
    schema.app = application
    return schema


@pytest.fixture(params=ROLES)
def caller(request, django_user_model, settings):
    """The headers of a caller, in a world with one of everything under the ids of the description's examples."""
    for throttle in (AnonRateThrottle, UserRateThrottle, ScopedRateThrottle):
        request.getfixturevalue("monkeypatch").setattr(throttle, "allow_request", lambda *_: True)
    settings.ALLOWED_HOSTS = ["*"]
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
    make_mention(article, "Iran", state, type="GPE")
    group = NilGroup.objects.create(
        key="jane roe", name="Jane Roe", kind="person", mention_count=1, article_count=1, id=NUMBER
    )
    make_mention(article, "Jane Roe", nil_group=group)
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
short, whole = fuzzed(2, coverage=False), fuzzed(EXAMPLES, coverage=True)


@pytest.mark.django_db
@short.parametrize()
@_settings
def test_every_operation_answers_as_described(case, caller):
    case.call_and_validate(headers=caller, checks=_checks)


@pytest.mark.full
@pytest.mark.django_db
@whole.parametrize()
@_settings
def test_every_operation_answers_as_described_whatever_is_sent(case, caller):
    case.call_and_validate(headers=caller, checks=_checks)
