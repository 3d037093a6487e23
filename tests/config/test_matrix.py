"""Every operation of the API × every sort of caller: one table, asserted in full. A new endpoint needs a row here."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from config.models import ApiToken, Scope
from entities.matching.types import Kind
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db

ROLES = ("viewer", "curator", "merger", "importer", "admin")
READERS, EVERYONE = {*ROLES}, {"anonymous", "nobody", *ROLES}
CURATORS, MERGERS, MAKERS = (
    {"curator", "merger", "admin"},
    {"merger", "admin"},
    {"curator", "merger", "importer", "admin"},
)

#: operation → who may, and the scope that a token needs.
TABLE = {
    "GET /api/v1/records/": (EVERYONE, Scope.READ),
    "POST /api/v1/records/": (MAKERS, Scope.WRITE),
    "GET /api/v1/records/{public_id}/": (EVERYONE, Scope.READ),
    "PATCH /api/v1/records/{public_id}/": (CURATORS, Scope.WRITE),
    "GET /api/v1/records/{public_id}/aliases/": (EVERYONE, Scope.READ),
    "POST /api/v1/records/{public_id}/aliases/": (CURATORS, Scope.WRITE),
    "GET /api/v1/records/{public_id}/terms/": (EVERYONE, Scope.READ),
    "POST /api/v1/records/{public_id}/terms/": (CURATORS, Scope.WRITE),
    "GET /api/v1/aliases/": (EVERYONE, Scope.READ),
    "GET /api/v1/aliases/{id}/": (EVERYONE, Scope.READ),
    "DELETE /api/v1/aliases/{id}/": (CURATORS, Scope.WRITE),
    "GET /api/v1/terms/": (EVERYONE, Scope.READ),
    "GET /api/v1/terms/{id}/": (EVERYONE, Scope.READ),
    "PATCH /api/v1/terms/{id}/": (CURATORS, Scope.WRITE),
    "DELETE /api/v1/terms/{id}/": (CURATORS, Scope.WRITE),
    "GET /api/v1/merges/": (READERS, Scope.READ),
    "POST /api/v1/merges/": (MERGERS, Scope.CURATE),
    "GET /api/v1/merges/{id}/": (READERS, Scope.READ),
    "POST /api/v1/merges/{id}/undo/": (MERGERS, Scope.CURATE),
    "GET /api/v1/changes/": (EVERYONE, Scope.READ),
    "GET /api/v1/takedowns/": (READERS, Scope.READ),
    "POST /api/v1/takedowns/": (CURATORS, Scope.CURATE),
    "GET /api/v1/takedowns/{id}/": (READERS, Scope.READ),
    "POST /api/v1/takedowns/{id}/lift/": (CURATORS, Scope.CURATE),
    "POST /api/v1/articles/{public_id}/takedown/": (CURATORS, Scope.CURATE),
    "POST /api/v1/articles/{public_id}/lift/": (CURATORS, Scope.CURATE),
    "GET /api/v1/export/records/": (READERS, Scope.READ),
    "GET /api/v1/export/articles/": (READERS, Scope.READ),
    "POST /api/v1/match/": (EVERYONE, Scope.READ),
    "GET /api/v1/explain/": (EVERYONE, Scope.READ),
    "GET /api/v1/articles/": (EVERYONE, Scope.READ),
    "GET /api/v1/articles/{public_id}/": (EVERYONE, Scope.READ),
    "POST /api/v1/link/": (EVERYONE, Scope.READ),
}
OPERATIONS = [
    f"{method.upper()} {path}"
    for path, methods in SchemaGenerator().get_schema(request=None, public=True)["paths"].items()
    for method in methods
]
REFUSED = {"anonymous": 401, "nobody": 403, **dict.fromkeys(ROLES, 403)}


def test_the_table_names_every_operation_and_no_other():
    assert sorted(TABLE) == sorted(OPERATIONS)


@pytest.fixture
def address():
    record = make_record("Iran", kind=Kind.STATE)
    article = make_article("Iran spoke.")
    make_mention(article, "Iran", record)

    def fill(operation):
        path = operation.split()[1]
        public_id = article.public_id if "/articles/" in path else record.public_id
        return path.replace("{public_id}", public_id).replace("{id}", "1").replace("{kind}", "links")

    return fill


def user_of(django_user_model, caller):
    user = django_user_model.objects.create_user(caller)
    if caller != "nobody":
        user.groups.add(Group.objects.get(name=caller))
    return user


def send(client, operation, address):
    method = operation.split()[0].lower()
    return getattr(client, method)(address(operation), {}, **({} if method == "get" else {"format": "json"}))


@pytest.mark.parametrize("caller", ["anonymous", "nobody", *ROLES])
def test_sessions_do_what_the_table_says_and_nothing_else(django_user_model, address, caller):
    client = APIClient()
    if caller != "anonymous":
        client.force_login(user_of(django_user_model, caller))
    got = {}
    for operation in OPERATIONS:
        status = send(client, operation, address).status_code
        got[operation] = status if status in (401, 403) else "allowed" if status < 500 else status
    assert got == {
        operation: "allowed" if caller in TABLE[operation][0] else REFUSED[caller] for operation in OPERATIONS
    }


@pytest.mark.parametrize("caller", ["nobody", *ROLES])
@pytest.mark.parametrize("scope", Scope.values)
def test_tokens_do_what_both_their_owner_and_their_scope_allow(django_user_model, address, caller, scope):
    _, secret = ApiToken.issue(owner=user_of(django_user_model, caller), name="t", scopes=[scope])
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    got, wanted = {}, {}
    for operation in OPERATIONS:
        allowed, needed = TABLE[operation]
        answer = send(client, operation, address)
        got[operation] = answer.json()["code"] if answer.status_code in (401, 403) else "allowed"
        if needed != scope:
            wanted[operation] = "insufficient_scope"
        else:
            wanted[operation] = "allowed" if caller in allowed else "permission_denied"
    assert got == wanted


def test_an_expired_token_opens_nothing_not_even_what_is_public(django_user_model, address):
    past = timezone.now() - timedelta(days=1)
    _, secret = ApiToken.issue(
        owner=user_of(django_user_model, "admin"), name="old", scopes=Scope.values, expires_at=past
    )
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    for operation in OPERATIONS:
        answer = send(client, operation, address)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_expired"), operation


def test_sessions_write_only_with_a_csrf_token(django_user_model, address):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(user_of(django_user_model, "admin"))
    for operation in OPERATIONS:
        if operation.split()[0] != "GET":
            assert send(client, operation, address).status_code == 403, operation


def test_methods_that_an_address_does_not_take_are_405(client, address):
    for operation in OPERATIONS:
        answer = client.put(address(operation))
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), operation


def test_a_view_that_declares_nothing_is_refused_to_superusers(admin_user, rf):
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class Forgotten(APIView):
        def get(self, request):
            return Response({})

    request = rf.get("/")
    request.user = admin_user
    assert Forgotten.as_view()(request).status_code == 403
