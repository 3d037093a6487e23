"""Facts and people for tests of merges."""

from __future__ import annotations

from django.contrib.auth.models import Permission, User

from entities.models import Entity, Identifier, Judgement, Relation


def make_merger(name: str = "merger") -> User:
    user = User.objects.create_user(name)
    user.user_permissions.add(Permission.objects.get(codename="merge_entity"))
    return user


def identify(entity: Entity, scheme: str, value: str, **more) -> Identifier:
    return Identifier.objects.create(entity=entity, origin=entity, scheme=scheme, value=value, **more)


def relate(entity: Entity, type_: str, target: Entity, **more) -> Relation:
    return Relation.objects.create(entity=entity, origin=entity, type=type_, target=target, **more)


def judge(a: Entity, b: Entity, verdict: str, actor=None) -> Judgement:
    first, second = sorted((a, b), key=lambda record: record.pk)
    return Judgement.objects.create(a=first, b=second, verdict=verdict, actor=actor)
