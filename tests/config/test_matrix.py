"""Every address × method × sort of caller: tables, asserted in full and held against the URL configuration.

A new endpoint, page or model in the admin fails here until a table says who may use it.
"""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework.views import APIView

from articles import feeds
from articles import takedown as article_takedown
from articles.models import Link, SavedSearch
from config.models import ApiToken, Scope
from entities import merging, takedown
from entities.erasing import erase_events
from entities.matching.types import Kind
from entities.models import Event
from tests.factories import make_alias, make_article, make_mention, make_record

pytestmark = pytest.mark.django_db

ROLES = ("viewer", "curator", "merger", "importer", "admin")
READERS, EVERYONE = {*ROLES}, {"anonymous", "nobody", *ROLES}
USERS = {"nobody", *ROLES}
IMPORTERS = {"importer", "admin"}
CURATORS, MERGERS, MAKERS = (
    {"curator", "merger", "admin"},
    {"merger", "admin"},
    {"curator", "merger", "importer", "admin"},
)

#: operation → who may, and the scope that a token needs.
TABLE = {
    "GET /api/v1/records/": (EVERYONE, Scope.READ),
    "POST /api/v1/records/": (MAKERS, Scope.WRITE),
    "GET /api/v1/records/<slug:public_id>/": (EVERYONE, Scope.READ),
    "PATCH /api/v1/records/<slug:public_id>/": (CURATORS, Scope.WRITE),
    "GET /api/v1/records/<slug:public_id>/aliases/": (EVERYONE, Scope.READ),
    "POST /api/v1/records/<slug:public_id>/aliases/": (CURATORS, Scope.WRITE),
    "GET /api/v1/records/<slug:public_id>/terms/": (EVERYONE, Scope.READ),
    "POST /api/v1/records/<slug:public_id>/terms/": (CURATORS, Scope.WRITE),
    "GET /api/v1/aliases/": (EVERYONE, Scope.READ),
    "GET /api/v1/aliases/<int:pk>/": (EVERYONE, Scope.READ),
    "DELETE /api/v1/aliases/<int:pk>/": (CURATORS, Scope.WRITE),
    "GET /api/v1/terms/": (EVERYONE, Scope.READ),
    "GET /api/v1/terms/<int:pk>/": (EVERYONE, Scope.READ),
    "PATCH /api/v1/terms/<int:pk>/": (CURATORS, Scope.WRITE),
    "DELETE /api/v1/terms/<int:pk>/": (CURATORS, Scope.WRITE),
    "GET /api/v1/merges/": (READERS, Scope.READ),
    "POST /api/v1/merges/": (MERGERS, Scope.CURATE),
    "GET /api/v1/merges/<int:pk>/": (READERS, Scope.READ),
    "POST /api/v1/merges/<int:pk>/undo/": (MERGERS, Scope.CURATE),
    "GET /api/v1/changes/": (EVERYONE, Scope.READ),
    "GET /api/v1/takedowns/": (READERS, Scope.READ),
    "POST /api/v1/takedowns/": (CURATORS, Scope.CURATE),
    "GET /api/v1/takedowns/<int:pk>/": (READERS, Scope.READ),
    "POST /api/v1/takedowns/<int:pk>/lift/": (CURATORS, Scope.CURATE),
    "POST /api/v1/articles/<slug:public_id>/takedown/": (CURATORS, Scope.CURATE),
    "POST /api/v1/articles/<slug:public_id>/lift/": (CURATORS, Scope.CURATE),
    "GET /api/v1/export/records/": (READERS, Scope.READ),
    "GET /api/v1/export/articles/": (READERS, Scope.READ),
    "GET /api/v1/mentions/": (EVERYONE, Scope.READ),
    "GET /api/v1/mentions/<int:pk>/": (EVERYONE, Scope.READ),
    "POST /api/v1/mentions/<int:pk>/decision/": (CURATORS, Scope.CURATE),
    "GET /api/v1/links/": (READERS, Scope.READ),
    "GET /api/v1/links/<int:pk>/": (READERS, Scope.READ),
    "POST /api/v1/links/<int:pk>/undo/": (CURATORS, Scope.CURATE),
    "GET /api/v1/review/links/": (READERS, Scope.READ),
    "GET /api/v1/review/links/<int:pk>/": (READERS, Scope.READ),
    "POST /api/v1/review/links/<int:pk>/decision/": (CURATORS, Scope.CURATE),
    "GET /api/v1/review/duplicates/": (READERS, Scope.READ),
    "GET /api/v1/review/duplicates/<int:pk>/": (READERS, Scope.READ),
    "POST /api/v1/review/duplicates/<int:pk>/decision/": (CURATORS, Scope.CURATE),
    "GET /api/v1/review/names/": (READERS, Scope.READ),
    "GET /api/v1/review/names/<int:pk>/": (READERS, Scope.READ),
    "POST /api/v1/review/names/<int:pk>/decision/": (CURATORS, Scope.CURATE),
    "GET /api/v1/judgements/": (READERS, Scope.READ),
    "POST /api/v1/judgements/": (CURATORS, Scope.CURATE),
    "GET /api/v1/judgements/<int:pk>/": (READERS, Scope.READ),
    "POST /api/v1/judgements/<int:pk>/undo/": (CURATORS, Scope.CURATE),
    "POST /api/v1/match/": (EVERYONE, Scope.READ),
    "GET /api/v1/explain/": (EVERYONE, Scope.READ),
    "GET /api/v1/articles/": (EVERYONE, Scope.READ),
    "GET /api/v1/articles/<slug:public_id>/": (EVERYONE, Scope.READ),
    "POST /api/v1/link/": (EVERYONE, Scope.READ),
    "GET /api/v1/imports/": (READERS, Scope.IMPORT),
    "POST /api/v1/imports/": (IMPORTERS, Scope.IMPORT),
    "GET /api/v1/imports/<int:pk>/": (READERS, Scope.IMPORT),
    "POST /api/v1/imports/<int:pk>/cancel/": (IMPORTERS, Scope.IMPORT),
    "POST /api/v1/imports/<int:pk>/resume/": (IMPORTERS, Scope.IMPORT),
    "GET /api/v1/imports/<int:pk>/errors/": (READERS, Scope.IMPORT),
    "GET /api/v1/imports/<int:pk>/errors.jsonl": (READERS, Scope.IMPORT),
    "GET /api/v1/imports/<int:pk>/errors.csv": (READERS, Scope.IMPORT),
}


def routes(patterns=None, prefix="/"):
    """Every address of the site: its pattern as written, and its view."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one
        else:
            yield from routes(one.url_patterns, prefix + str(one.pattern))


def methods_of(route):
    view = getattr(route.callback, "cls", None) or route.callback.view_class
    assert issubclass(view, APIView), f"{route}: the API is made of declared views"
    return [method.upper() for method in ("get", "post", "put", "patch", "delete") if hasattr(view, method)]


OPERATIONS = [
    f"{method} {address}"
    for address, route in routes()
    if address.startswith("/api/v1/")
    for method in methods_of(route)
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
        return path.replace("<slug:public_id>", public_id).replace("<int:pk>", "1")

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


# --- Pages ------------------------------------------------------------------------------------------------------------
STAFF, NOBODY, ADMINS = {*ROLES}, set(), {"admin"}
#: Address → method → who gets through to it. A method that is not named answers 405.
PAGES = {
    **dict.fromkeys(
        ["/", "/records/<slug:public_id>/", "/records/<slug:public_id>/feed.atom", "/articles/",
         "/articles/<slug:public_id>/", "/favicon.ico", "/healthz", "/readyz", "/metrics",
         "/api/schema/", "/api/docs/", "/api/redoc/", "/^reconcile/suggest/(?P<what>entity|type|property)/?$",
         "/^reconcile/properties/?$", "/reconcile/preview/<slug:public_id>/", "/^reconcile/v1/?$",
         "/^reconcile/v1/suggest/(?P<what>entity|type|property)/?$", "/^reconcile/v1/extend/propose/?$",
         "/^reconcile/v1/preview/?$"],
        {"GET": EVERYONE},
    ),
    # Whoever has the address, which is a secret; what it shows is what the search's owner may see.
    "/searches/<int:pk>/<str:key>/feed.atom": {"GET": EVERYONE},
    "/searches/": {"GET": USERS, "POST": USERS},
    # One's own: for anyone else there is no such search.
    **dict.fromkeys(["/searches/<int:pk>/revoke/", "/searches/<int:pk>/delete/"], {"POST": USERS}),
    **dict.fromkeys(["/^reconcile/v1/match/?$", "/^reconcile/v1/extend/?$"], {"POST": EVERYONE}),
    **dict.fromkeys(["/^reconcile/?$", "/^api/", "/admin/login/"], {"GET": EVERYONE, "POST": EVERYONE}),
    "/admin/logout/": {"POST": STAFF},
    **dict.fromkeys(
        ["/admin/", "/admin/search/", "/admin/password_change/", "/admin/r/<path:content_type_id>/<path:object_id>/",
         "/admin/(?P<url>.*)$", "/admin/^(?P<app_label>config|auth|entities|articles)/$"],
        {"GET": STAFF, "POST": STAFF},
    ),
    **dict.fromkeys(
        ["/admin/password_change/done/", "/admin/jsi18n/", "/admin/curation/review/", "/admin/curation/review/scorecard/",
         "/admin/curation/review/scorecard/decisions/",
         "/admin/curation/review/<queue:queue>/", "/admin/curation/review/links/<int:pk>/reach/",
         "/admin/curation/review/<queue:queue>/<int:pk>/find/", "/admin/curation/review/<queue:queue>/ahead/",
         "/admin/curation/merge/<int:pk>/",
         "/admin/curation/splits/<int:pk>/", "/admin/curation/history/<int:pk>/", "/admin/curation/radar/",
         "/admin/curation/takedown/<int:pk>/"],
        {"GET": STAFF},
    ),
    "/admin/autocomplete/": {"GET": STAFF},
    "/admin/curation/review/<queue:queue>/undo/": {"POST": CURATORS},
    "/admin/curation/review/proposals/reject/": {"POST": CURATORS},
    "/admin/articles/article/<int:pk>/undo/": {"POST": CURATORS},
    "/admin/curation/radar/<int:pk>/": {"POST": CURATORS},
    "/admin/curation/radar/undo/": {"POST": CURATORS},
    "/admin/curation/inspection/": {"POST": ADMINS},
    "/admin/curation/review/<queue:queue>/release/": {"POST": STAFF},
    "/admin/curation/review/<queue:queue>/unskip/": {"POST": STAFF},
    "/admin/curation/review/<queue:queue>/<int:pk>/": {"GET": STAFF, "POST": CURATORS},
    "/admin/articles/article/mention/<int:pk>/decide/": {"POST": CURATORS},
    "/admin/articles/importjob/<int:pk>/columns/": {"GET": IMPORTERS, "POST": IMPORTERS},
    "/admin/articles/importjob/<int:pk>/cancel/": {"POST": IMPORTERS},
    "/admin/articles/importjob/<int:pk>/resume/": {"POST": IMPORTERS},
    "/admin/articles/importjob/<int:pk>/errors.jsonl": {"GET": STAFF},
    "/admin/articles/importjob/<int:pk>/errors.csv": {"GET": STAFF},
    # Whoever may see records may compare them; what is sent is done for mergers alone.
    "/admin/curation/merge/": {"GET": STAFF, "POST": MERGERS},
    "/admin/curation/merge/<int:pk>/undo/": {"POST": MERGERS},
    "/admin/curation/merge/<int:pk>/redo/": {"POST": MERGERS},
    "/admin/curation/split/<int:pk>/": {"GET": STAFF, "POST": MERGERS},
    "/admin/curation/splits/<int:pk>/undo/": {"POST": MERGERS},
    "/admin/curation/splits/<int:pk>/redo/": {"POST": MERGERS},
    # That something was taken down is for all to see here; what is about to go, for those who may let it go.
    "/admin/curation/takedown/<int:pk>/<slug:sort>/<quoted:what>/": {"GET": CURATORS, "POST": CURATORS},
    "/admin/curation/takedowns/<int:pk>/lift/": {"GET": STAFF, "POST": CURATORS},
    "/admin/articles/article/takedown/": {"GET": CURATORS, "POST": CURATORS},
    "/admin/articles/articletakedown/<int:pk>/lift/": {"GET": CURATORS, "POST": CURATORS},
    "/admin/auth/user/<id>/password/": {"GET": ADMINS, "POST": ADMINS},
}  # fmt: skip
#: Model in the admin → who sees it, adds to it, changes it, deletes from it.
MODELS = {
    "config/apitoken": (STAFF, STAFF, NOBODY, NOBODY),
    "entities/entity": (STAFF, MAKERS, CURATORS, NOBODY),
    **dict.fromkeys(
        [f"entities/{fact}" for fact in ("alias", "identifier", "term", "relation", "source")],
        (STAFF, CURATORS, CURATORS, NOBODY),
    ),
    **dict.fromkeys(
        ["entities/judgement", "entities/duplicatesuggestion", "entities/merge", "entities/split", "entities/event",
         "entities/erasure", "entities/takedown", "articles/link", "articles/nilgroup", "articles/articletakedown"],
        (STAFF, NOBODY, NOBODY, NOBODY),
    ),
    "articles/importjob": (STAFF, IMPORTERS, NOBODY, NOBODY),
    "articles/article": (STAFF, NOBODY, STAFF, NOBODY),  # its page shows it, whatever is sent
    "auth/user": (ADMINS, ADMINS, ADMINS, ADMINS),
    "auth/group": (ADMINS, ADMINS, ADMINS, ADMINS),
}  # fmt: skip
for _model, (_see, _add, _change, _delete) in MODELS.items():
    _root = f"/admin/{_model}/"
    PAGES[_root] = PAGES[f"{_root}<path:object_id>/history/"] = {"GET": _see, "POST": _see}
    PAGES[f"{_root}add/"] = {"GET": _add, "POST": _add}
    PAGES[f"{_root}<path:object_id>/change/"] = {"GET": _see, "POST": _change}
    PAGES[f"{_root}<path:object_id>/delete/"] = {"GET": _delete, "POST": _delete}
    PAGES[f"{_root}<path:object_id>/"] = {"GET": STAFF, "POST": STAFF}  # leads on to the page above

FILLS = {
    "<path:content_type_id>": "1", "<path:object_id>": "{object}", "(?P<url>.*)$": "nowhere/", "<queue:queue>": "links",
    "^(?P<app_label>config|auth|entities|articles)/$": "entities/", "(?P<what>entity|type|property)": "type", "<id>": "{object}",
    "<slug:sort>": "field", "<quoted:what>": "description",
    "<int:pk>": "{object}", "^api/": "api/nowhere/",
}  # fmt: skip


def pages():
    """Every address that is none of the API's."""
    return [address for address, _ in routes() if not address.startswith("/api/v1/")]


class Scene:
    """Something to be found at every address, and what a form there has to hold."""

    def __init__(self, django_user_model):
        admin = django_user_model.objects.create_superuser("root")
        self.record = make_record("Iran", kind=Kind.STATE, subtype="republic", description="A state in Asia")
        self.article = make_article("Iran spoke.")
        make_mention(self.article, "Iran", self.record, status="review")
        self.alias = make_alias(self.record, "Persia")
        self.pair = [make_record(f"Twin {number}") for number in (1, 2)]
        old = make_record("Old Iran", kind=Kind.STATE)
        [self.merge] = merging.merge_many(survivor_id=self.record.pk, absorbed_ids=[old.pk], actor=admin)
        [self.undone] = merging.merge_many(
            survivor_id=self.record.pk, absorbed_ids=[make_record("Older Iran", kind=Kind.STATE).pk], actor=admin
        )
        merging.undo(self.undone.pk, actor=admin)
        self.split = merging.split(
            source_id=self.pair[0].pk, actor=admin, name="Half", kind="person", rows={}, reason="two people"
        )
        self.user = django_user_model.objects.create_user("somebody")
        self.takedown = takedown.take_down_field(self.record, "subtype", actor=admin, reason="asked for")
        [self.article_takedown] = article_takedown.take_down(
            [make_article("Persia spoke.")], actor=admin, reason="an order"
        )
        self.erasure = erase_events(
            Event.objects.order_by("pk").values_list("pk", flat=True)[:1], actor=admin, reason="an order"
        )
        self.search = SavedSearch.objects.create(owner=self.user, name="Iran", query={"q": "Iran"})

    def hand_over(self, user):
        """Make the saved search somebody's own."""
        self.search.owner = user
        self.search.save()

    def fill(self, address):
        """The pattern as an address."""
        row = self.user.pk if "/auth/user/" in address else 1
        if "/auth/group/" in address:
            row = Group.objects.order_by("pk").first().pk  # roles are made again after tests that empty the database
        model = re.match(r"/admin/(entities|articles)/(\w+)/", address)
        if model:
            first = apps.get_model(*model.groups()).objects.order_by("pk").first()
            row = first.pk if first else 1
        for part, key in (
            ("/history/<int", self.record), ("/split/", self.record), ("/merge/<", self.merge),
            ("/merge/<int:pk>/redo/", self.undone), ("/splits/", self.split), ("/review/", Link.objects.live().get()),
            ("/takedown/<int", self.record), ("/takedowns/", self.takedown),
        ):  # fmt: skip
            row = key.pk if "/curation/" in address and part in address else row
        if address == "/searches/<int:pk>/<str:key>/feed.atom":
            return feeds.feed_address(self.search)
        if address.startswith("/searches/<"):
            row = self.search.pk
        public_id = self.article.public_id if address.startswith("/articles/") else self.record.public_id
        filled = address.replace("<slug:public_id>", public_id)
        for pattern, value in FILLS.items():
            filled = filled.replace(pattern, value.format(object=row))
        if address == "/admin/autocomplete/":
            filled += "?app_label=articles&model_name=link&field_name=entity"
        return filled.replace("^", "").replace("/?$", "")

    def fields(self, address):
        """A form that a merger could send."""
        if address == "/admin/curation/merge/":
            return {"ids": ",".join(str(one.pk) for one in self.pair), "survivor": self.pair[0].pk}
        if "/split/" in address:
            return {
                "name": "Part",
                "kind": "state",
                "reason": "r",
                "aliases": [self.alias.pk],
                "alias": [self.alias.pk],
            }
        if "takedown" in address:
            return {"reason": "asked for", "ids": self.article.pk}
        return {}


@pytest.fixture
def scene(django_user_model):
    return Scene(django_user_model)


def outcome(answer):
    """``refused``, also by being sent to log in; ``no such method``; or ``allowed``, whatever comes of it."""
    sent_to_login = answer.status_code == 302 and (
        "/login/" in answer.headers["Location"] or answer.request["PATH_INFO"] == "/admin/logout/"
    )
    if sent_to_login or answer.status_code in (401, 403):
        return "refused"
    assert answer.status_code < 500, answer.status_code
    return "no such method" if answer.status_code == 405 else "allowed"


def member(django_user_model, caller):
    user = user_of(django_user_model, caller)
    user.is_staff = caller in ROLES
    user.save()
    return user


def test_the_tables_name_every_address_and_no_other():
    assert sorted(PAGES) == sorted(pages())


@pytest.mark.parametrize("caller", ["anonymous", "nobody", *ROLES])
def test_pages_open_for_whom_the_table_says_and_for_nobody_else(django_user_model, scene, caller):
    user = member(django_user_model, caller) if caller != "anonymous" else None
    client = Client()
    if user is not None:
        client.force_login(user)
        scene.hand_over(user)
    session = client.cookies.copy()
    got, wanted = {}, {}
    for address, rules in PAGES.items():
        for method in ("GET", "POST"):
            client.cookies = session.copy()  # one of the addresses logs out
            with transaction.atomic():
                told = outcome(getattr(client, method.lower())(scene.fill(address), scene.fields(address)))
                transaction.set_rollback(True)
            got[method, address] = told
            if method not in rules:
                # Whoever may not come in at all is not told which methods there are.
                wanted[method, address] = (
                    told
                    if told == "refused" and address.startswith("/admin/") and caller not in STAFF
                    else "no such method"
                )
            else:
                wanted[method, address] = "allowed" if caller in rules[method] else "refused"
    assert {key: value for key, value in got.items() if value != wanted[key]} == {}


def test_with_the_pages_closed_nothing_is_open_but_health_the_login_and_secret_addresses(scene, settings):
    settings.PUBLIC_PAGES = False
    opened = set()
    for address, rules in PAGES.items():
        for method in rules:
            with transaction.atomic():
                if outcome(getattr(Client(), method.lower())(scene.fill(address))) == "allowed":
                    opened.add(address)
                transaction.set_rollback(True)
    assert opened == {
        "/favicon.ico", "/healthz", "/readyz", "/metrics", "/admin/login/", "/^api/", "/searches/<int:pk>/<str:key>/feed.atom"
    }  # fmt: skip
