"""The OpenAPI description: valid without a warning, an example of everything, and every code of errors documented."""

import ast
import re
from copy import deepcopy
from pathlib import Path

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from config.examples import ANSWERS

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


def test_no_example_is_of_an_operation_that_is_gone(schema):
    assert {name.split()[0] for name in ANSWERS} <= {operation["operationId"] for _, operation in operations(schema)}


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
