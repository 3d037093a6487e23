"""Every role × everything that is done at the desk: each may do exactly what it should, and changes nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from articles.models import Article, Link, NilGroup
from entities import merging
from entities.erasing import erase_events
from entities.models import Alias, DuplicateSuggestion, Entity, Event, Judgement, Merge, Split
from tests.factories import make_article, make_mention, make_record

pytestmark = pytest.mark.django_db

ROLES = ("viewer", "curator", "merger", "importer", "admin")
EVERYONE = set(ROLES)
CURATORS, MERGERS, ADMINS = {"curator", "merger", "admin"}, {"merger", "admin"}, {"admin"}


class World:
    """What there is to act upon, and whoever acts."""

    def __init__(self, role: str):
        self.one, self.two = make_record("One"), make_record("Two")
        article = make_article("Then Smith came. Doe left.")
        self.mention = make_mention(article, "Smith", self.one, status="review", candidates=[self.one, self.two])
        self.pair = DuplicateSuggestion.objects.create(a=self.one, b=self.two, probability=0.5)
        self.group = NilGroup.objects.create(key="doe", name="Doe", kind="person", mention_count=1, article_count=1)
        make_mention(article, "Doe", None, nil_group=self.group)
        self.event = Event.objects.create(entity=self.one, type="edited", after={"description": "x"})
        self.user = User.objects.create_user(f"a {role}", is_staff=True)
        if role != "nobody":
            self.user.groups.add(Group.objects.get(name=role))
        self.client = Client()
        self.client.force_login(self.user)

    def get(self, address: str) -> bool:
        return self.client.get(address).status_code == 200

    def post(self, address: str, **data) -> bool:
        return self.client.post(address, data).status_code in (200, 302)


def _review(world: World, address: str, **data) -> bool:
    return world.post(f"/admin/curation/review/{address}/", **data)


def decide(world: World) -> bool:
    _review(world, f"links/{world.mention.links.get().pk}", action="choose", entity=world.two.pk)
    return Link.objects.live().get(mention=world.mention).actor == world.user


def make_of_doubt(world: World) -> bool:
    key = world.mention.links.get().pk
    _review(world, f"links/{key}", action="create", name="Agnes Smith", kind="person")
    return Entity.objects.filter(name="Agnes Smith").exists()


def judge(world: World) -> bool:
    _review(world, f"duplicates/{world.pair.pk}", action="different")
    return Judgement.objects.filter(actor=world.user).exists()


def reject_name(world: World) -> bool:
    _review(world, f"proposals/{world.group.pk}", action="none")
    return NilGroup.objects.get().status == "rejected"


def accept_name(world: World) -> bool:
    _review(world, f"proposals/{world.group.pk}", action="create", name="Doe", kind="person")
    return NilGroup.objects.get().status == "accepted"


def merge(world: World) -> bool:
    world.post("/admin/curation/merge/", ids=f"{world.one.pk},{world.two.pk}", survivor=world.one.pk)
    return Merge.objects.exists()


def undo_merge(world: World) -> bool:
    done = merging.merge(survivor_id=world.one.pk, absorbed_id=world.two.pk, actor=None)
    world.post(f"/admin/curation/merge/{done.pk}/undo/")
    return Merge.objects.get().undone_at is not None


def redo_merge(world: World) -> bool:
    done = merging.merge(survivor_id=world.one.pk, absorbed_id=world.two.pk, actor=None)
    merging.undo(done, actor=None)
    world.post(f"/admin/curation/merge/{done.pk}/redo/")
    return Merge.objects.filter(undone_at=None).exists()


def split(world: World) -> bool:
    world.post(f"/admin/curation/split/{world.one.pk}/", name="Other", kind="person")
    return Split.objects.exists()


def undo_split(world: World) -> bool:
    done = merging.split(source_id=world.one.pk, name="Other", actor=None)
    world.post(f"/admin/curation/splits/{done.pk}/undo/")
    return Split.objects.get().undone_at is not None


def redo_split(world: World) -> bool:
    done = merging.split(source_id=world.one.pk, name="Other", actor=None)
    merging.undo_split(done, actor=None)
    world.post(f"/admin/curation/splits/{done.pk}/redo/")
    return Split.objects.get().undone_at is None


def add_record(world: World) -> bool:
    formsets = {
        f"{prefix}-{name}": 0
        for prefix in ("aliases", "identifiers", "terms", "relations")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    world.post("/admin/entities/entity/add/", name="New", kind="person", attributes="{}", **formsets)
    return Entity.objects.filter(name="New").exists()


def edit_record(world: World) -> bool:
    address = f"/admin/entities/entity/{world.one.pk}/change/"
    page = world.client.get(address)
    if page.status_code != 200 or not page.context["has_change_permission"]:
        return world.post(address, name="Renamed") and Entity.objects.get(pk=world.one.pk).name == "Renamed"
    data = {
        f"{form.prefix}-{name}": form.management_form.initial[name]
        for form in (one.formset for one in page.context["inline_admin_formsets"])
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    form = page.context["adminform"].form
    data |= {name: value for name, value in form.initial.items() if value is not None and name in form.fields}
    world.post(address, **{**data, "attributes": "{}", "name": "Renamed"})
    return Entity.objects.get(pk=world.one.pk).name == "Renamed"


def withdraw_name(world: World) -> bool:
    alias = Alias.objects.create(entity=world.one, origin=world.one, name="Uno", key="uno")
    data = {"name": "Uno", "type": "", "lang": "", "withdraw": "on"}
    world.post(f"/admin/entities/alias/{alias.pk}/change/", **data)
    alias.refresh_from_db()
    return alias.withdrawn_at is not None


def erase(world: World) -> bool:
    from django.core.exceptions import PermissionDenied

    try:
        erase_events([world.event.pk], actor=world.user, reason="court order")
    except PermissionDenied:
        return False
    return "erased" in Event.objects.get(pk=world.event.pk).after


def delete_anything(world: World) -> bool:
    """Nobody deletes a record, an article, a decision or an event."""
    before = [model.objects.count() for model in (Entity, Article, Link, Event, Judgement, Merge)]
    for name, pk in (
        ("entities/entity", world.two.pk), ("articles/article", world.mention.article_id),
        ("articles/link", world.mention.links.get().pk), ("entities/event", world.event.pk),
    ):  # fmt: skip
        world.client.post(f"/admin/{name}/{pk}/delete/", {"post": "yes"})
        world.client.post(f"/admin/{name}/", {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})
    return [model.objects.count() for model in (Entity, Article, Link, Event, Judgement, Merge)] != before


#: What is done → who may.
TABLE: dict[str, tuple[Callable[[World], bool], set[str]]] = {
    "look at the first page's figures": (lambda w: b"Doubtful links" in w.client.get("/admin/").content, EVERYONE),
    "look at doubtful links": (lambda w: w.get("/admin/curation/review/links/"), EVERYONE),
    "look at possible duplicates": (lambda w: w.get("/admin/curation/review/duplicates/"), EVERYONE),
    "look at unknown names": (lambda w: w.get("/admin/curation/review/proposals/"), EVERYONE),
    "look at the scorecard": (lambda w: w.get("/admin/curation/review/scorecard/"), EVERYONE),
    "look at a comparison": (
        lambda w: w.get(f"/admin/curation/merge/?ids={w.one.pk},{w.two.pk}"),
        EVERYONE,
    ),
    "look at the history": (lambda w: w.get(f"/admin/curation/history/{w.one.pk}/"), EVERYONE),
    "look at the radar": (lambda w: w.get("/admin/curation/radar/"), EVERYONE),
    "look at imports": (lambda w: w.get("/admin/articles/importjob/"), EVERYONE),
    "look at events": (lambda w: w.get("/admin/entities/event/"), EVERYONE),
    "decide about a mention": (decide, CURATORS),
    "make a record of a doubt": (make_of_doubt, CURATORS),
    "judge a pair": (judge, CURATORS),
    "accept an unknown name": (accept_name, CURATORS),
    "reject an unknown name": (reject_name, CURATORS),
    "add a record": (add_record, CURATORS | {"importer"}),
    "edit a record": (edit_record, CURATORS),
    "take a name out of use": (withdraw_name, CURATORS),
    "merge": (merge, MERGERS),
    "undo a merge": (undo_merge, MERGERS),
    "merge again": (redo_merge, MERGERS),
    "split": (split, MERGERS),
    "take a split back": (undo_split, MERGERS),
    "split again": (redo_split, MERGERS),
    "start an import": (lambda w: w.user.has_perm("articles.add_importjob"), {"importer", "admin"}),
    "erase what an event says": (erase, ADMINS),
    "see the accounts": (lambda w: w.get("/admin/auth/user/"), ADMINS),
    "give roles": (lambda w: w.get("/admin/auth/group/add/"), ADMINS),
    "delete anything": (delete_anything, set()),
}


@pytest.mark.parametrize("what", TABLE)
@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_each_role_may_do_what_it_should_and_no_more(role, what):
    do, allowed = TABLE[what]
    assert do(World(role)) == (role in allowed)
