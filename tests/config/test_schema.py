"""The OpenAPI description: valid without a warning, an example of everything, and every code of errors documented."""

import ast
import json
import re
import unicodedata
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient

from articles.exporting import FORMATS as ARTICLES
from articles.models import Article, ImportJob, ImportRowError, Link
from config.examples import ANSWERS, written
from config.fields import NOT_BLANK, Text
from entities.api.negotiation import NEGOTIATED
from entities.exporting import FORMATS as RECORDS
from entities.models import Entity, Identifier, Relation
from tests.factories import make_article, make_mention, make_record, make_source, make_term

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def closed(schema):
    """The components with no room for keys that they do not name, so that a stale example does not pass."""
    components = deepcopy(schema["components"])
    for component in components["schemas"].values():
        if component.get("type") == "object" and "properties" in component:
            component.setdefault("additionalProperties", False)
    return components


def test_it_is_valid_openapi_3_1_without_a_warning(schema, tmp_path):
    assert schema["openapi"].startswith("3.1")
    validate_schema(schema)
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_every_answer_has_an_example_that_fits_its_schema(schema):
    components, faults = closed(schema), []
    for name, operation in operations(schema):
        for status, response in operation["responses"].items():
            for type_, media in response.get("content", {}).items():
                examples = [one["value"] for one in media.get("examples", {}).values()]
                if not examples:
                    faults.append(f"{name} {status} {type_}: no example")
                if type_.startswith("application/json") or type_.endswith("problem+json"):
                    whole = {**media["schema"], "components": components}
                    faults += [
                        f"{name} {status}: {error.message}"
                        for example in examples
                        for error in Draft202012Validator(whole).iter_errors(example)
                    ]
    assert not faults, "\n".join(faults)


def test_every_body_and_every_plain_parameter_has_an_example(schema):
    faults = []
    for name, operation in operations(schema):
        for type_, media in operation.get("requestBody", {}).get("content", {}).items():
            if not media.get("examples"):
                faults.append(f"{name} {type_}: no example")
            whole = {**media["schema"], "components": schema["components"]}
            for example in media.get("examples", {}).values():
                faults += [
                    f"{name}: {error.message}" for error in Draft202012Validator(whole).iter_errors(example["value"])
                ]
        for parameter in operation.get("parameters", ()):
            shape = parameter["schema"]
            if not ({"example", "examples"} & parameter.keys() or "enum" in shape or shape.get("type") != "string"):
                if parameter["name"] != "cursor":  # opaque: taken from the answer before
                    faults.append(f"{name}: no example of {parameter['name']}")
    assert not faults, "\n".join(faults)


AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def sent(admin_user, settings):
    """What is sent of the record and the article that the examples are about: name of the file → bytes."""
    source = make_source("Wikidata", "CC0-1.0", url="https://www.wikidata.org/")
    iran = make_record("Iran", kind="state", public_id="c5tw7y2kqa")
    person = make_record(
        "Masoud Pezeshkian", public_id="q8rnpz9h4j", description="President of Iran since 2024",
        valid_from="1954-09-29", prominence=1, source=source, attributes={"birth_place": "Mahabad"},
        aliases=[{"name": "مسعود پزشکیان", "lang": "fa", "script": "Arab", "type": "native", "source": source}],
    )  # fmt: skip
    facts = {"entity": person, "origin": person, "source": source}
    Identifier.objects.create(scheme="wikidata", value="Q5959909", **facts)
    make_term(person, "President", state=iran, start="2024-07-28", source=source)
    Relation.objects.create(type="state", target=iran, **facts)
    text = "Masoud Pezeshkian was received in the Kremlin."
    article = make_article(
        text, "Presidents meet", public_id="9f2mkx7cwz", source="Island Wire", language="en",
        url="https://news.example/presidents", published_on="2025-01-17", date_source="metadata",
    )  # fmt: skip
    make_mention(article, "Masoud Pezeshkian", person, probability=0.99, chain=1)
    Entity.objects.update(updated_at=AT)
    Article.objects.update(imported_at=AT, linked_at=AT)
    Link.objects.update(made_at=AT, reason="the full name", margin=0.97)
    job = ImportJob.objects.create(path="wire.jsonl")
    [refused] = ANSWERS["imports_errors"]["results"]
    ImportRowError.objects.create(job=job, **refused)

    settings.ALLOWED_HOSTS = ["refdesk.example.org"]
    client = APIClient(SERVER_NAME="refdesk.example.org")
    client.force_login(admin_user)

    def get(address):
        answer = client.get(f"/api/v1/{address}", secure=True)
        assert answer.status_code == 200, address
        return b"".join(answer.streaming_content) if answer.streaming else answer.content

    found = {f"errors.{ending}": get(f"imports/{job.pk}/errors.{ending}") for ending in ("jsonl", "csv")}
    for what, formats, only in (("records", RECORDS, "&kind=person"), ("articles", ARTICLES, "")):
        for name, format in formats.items():
            found[f"{what}.{format.suffix}"] = get(f"export/{what}/?format={name}{only}")
    found |= {f"record.{name}": get(f"records/q8rnpz9h4j/?format={name}") for name in NEGOTIATED}
    return found


def test_the_examples_of_files_are_what_is_sent_byte_for_byte(sent):
    folder = ROOT / "config" / "example_exports"
    record = {name: sent.pop(f"record.{name}") for name in ("nt", "ftm")}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == sent
    shown = written()["records_retrieve"]
    assert shown["application/n-triples"] == {"nt": record["nt"].decode()}
    assert shown["application/vnd.followthemoney+json"] == {"ftm": json.loads(record["ftm"])}


def test_no_example_is_of_an_operation_that_is_gone(schema):
    for name, types in written().items():
        [content] = [one["responses"]["200"]["content"] for _, one in operations(schema) if one["operationId"] == name]
        assert types.keys() <= content.keys(), name
    assert {name.split()[0] for name in ANSWERS} | written().keys() <= {
        operation["operationId"] for _, operation in operations(schema)
    }


def test_errors_are_described_as_problems_everywhere(schema):
    for name, operation in operations(schema):
        for status, response in operation["responses"].items():
            if status.startswith("4"):
                assert list(response["content"]) == ["application/problem+json"], f"{name} {status}"
        assert "Retry-After" in operation["responses"]["429"]["headers"]


def codes_in_the_code():
    """Every ``code`` that an answer can have: those of the exceptions, of the table, and of calls of ``problem``."""
    found = set()
    for folder in ("config", "entities", "articles"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Assign) and any(
                    getattr(target, "id", "") == "default_code" for target in node.targets
                ):
                    found.add(node.value.value)
                called = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "problem"
                if called and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                    found.add(node.args[1].value)
    from config.problems import _CODES

    # What DRF raises by itself, and the handler's own word for a body that is no JSON.
    return found | set(_CODES.values()) | {"malformed"}


def test_every_code_is_documented_and_no_other():
    section = (ROOT / "docs" / "api.md").read_text().partition("## Errors")[2].partition("\n## ")[0]
    documented = set()
    for row in re.findall(r"^\| [\d, ]+ \| (.*?) \|", section, re.M):
        documented |= set(re.findall(r"`(\w+)`", row))
    assert documented == codes_in_the_code()


def test_what_counts_as_blank_in_the_description_is_what_is_refused_as_blank():
    field, odd = Text(), []
    for number in (*range(0xD800), *range(0xE000, 0x20000), *range(0xE0000, 0xE1000)):
        try:
            is_refused = not field.run_validation(chr(number))
        except ValidationError:
            is_refused = True
        if (re.search(NOT_BLANK, chr(number)) is None) != is_refused:
            odd.append(hex(number))
    assert odd == []


def test_every_character_that_unicode_never_shows_is_blank():
    unseen = [
        chr(number) for number in range(0x110000) if unicodedata.category(chr(number)) in ("Cc", "Zs", "Zl", "Zp")
    ]
    assert not any(re.search(NOT_BLANK, one) for one in [*unseen, "\u200b", "\u00ad", "\u3164", "\u202e", "\U000e0041"])
