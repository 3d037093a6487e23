"""Tokens: what they open, when they stop, and how they are made."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from config.models import ApiToken, digest_of

pytestmark = pytest.mark.django_db
READ = "/api/v1/records/"


@pytest.fixture
def owner(django_user_model):
    return django_user_model.objects.create_user("reader")


@pytest.fixture(autouse=True)
def _closed(settings):
    settings.PUBLIC_PAGES = False


def get(client, secret):
    return client.get(READ, headers={"Authorization": f"Bearer {secret}"})


def test_a_token_opens_a_closed_site_for_its_owner(client, owner):
    token, secret = ApiToken.issue(owner=owner, name="script", scopes=["read"])
    assert get(client, secret).status_code == 200
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_only_a_digest_of_the_secret_is_stored(owner):
    token, secret = ApiToken.issue(owner=owner, name="script", scopes=["read"])
    row = ApiToken.objects.values().get()
    assert row["digest"] == digest_of(secret)
    assert secret.startswith(row["prefix"])
    assert all(secret not in str(value) for value in row.values())
    assert len(secret) >= len("rdk_") + 43  # 256 bits


@pytest.mark.parametrize("secret", ["rdk_", "rdk_unknown", "x", "rdk_ü", "a b", "", "rdk_" + "a" * 5000])
def test_what_is_no_token_is_refused_with_a_challenge(client, owner, secret):
    answer = get(client, secret)
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_invalid"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_a_token_one_is_asked_for(client):
    answer = client.get(READ)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token_says_so(client, owner):
    _, secret = ApiToken.issue(
        owner=owner, name="old", scopes=["read"], expires_at=timezone.now() - timedelta(seconds=1)
    )
    answer = get(client, secret)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


def test_a_revoked_token_and_one_of_a_dismissed_owner_are_invalid(client, owner):
    token, secret = ApiToken.issue(owner=owner, name="script", scopes=["read"])
    token.revoke()
    assert get(client, secret).json()["code"] == "token_invalid"
    _, secret = ApiToken.issue(owner=owner, name="other", scopes=["read"])
    owner.is_active = False
    owner.save()
    assert get(client, secret).json()["code"] == "token_invalid"


def test_a_token_without_the_scope_is_refused_and_told_which(client, owner):
    _, secret = ApiToken.issue(owner=owner, name="script", scopes=["write"])
    answer = get(client, secret)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert "“read”" in answer.json()["detail"]


def test_use_is_noted_at_most_once_a_minute(client, owner, django_assert_max_num_queries):
    token, secret = ApiToken.issue(owner=owner, name="script", scopes=["read"])
    recently = timezone.now() - timedelta(seconds=30)
    ApiToken.objects.update(last_used_at=recently)
    get(client, secret)
    token.refresh_from_db()
    assert token.last_used_at == recently
    ApiToken.objects.update(last_used_at=recently - timedelta(minutes=1))
    get(client, secret)
    token.refresh_from_db()
    assert token.last_used_at > recently


class TestAdmin:
    def desk(self, client, user, role):
        user.is_staff = True
        user.save()
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)

    def make(self, client, **more):
        return client.post(
            "/admin/config/apitoken/add/", {"name": "nightly", "scopes": ["read", "write"], **more}, follow=True
        )

    def test_the_secret_is_shown_once_and_works(self, client, owner):
        self.desk(client, owner, "viewer")
        page = self.make(client).content.decode()
        secret = re.search(r"rdk_[\w-]{43}", page).group()
        token = ApiToken.objects.get()
        assert (token.owner, token.scopes) == (owner, ["read", "write"])
        assert secret not in client.get("/admin/config/apitoken/").content.decode()
        assert secret not in client.get(f"/admin/config/apitoken/{token.pk}/change/").content.decode()
        client.logout()
        assert get(client, secret).status_code == 200

    def test_the_secret_is_a_field_to_copy_from_and_the_owner_is_oneself(self, client, owner, admin_user):
        self.desk(client, owner, "viewer")
        page = client.post(
            "/admin/config/apitoken/add/", {"name": "<b>nightly", "scopes": ["read"]}, follow=True
        ).content.decode()
        assert re.search(r'<input [^>]*value="rdk_[\w-]{43}"[^>]* readonly', page)
        assert "&lt;b&gt;nightly”, shown this once" in page
        client.force_login(admin_user)
        form = client.get("/admin/config/apitoken/add/")
        assert form.context["adminform"].form.initial["owner"] == admin_user.pk
        assert "Write: records, names, offices" in form.content.decode()

    def test_nobody_makes_a_token_that_acts_for_somebody_else(self, client, owner, admin_user):
        self.desk(client, owner, "viewer")
        self.make(client, owner=admin_user.pk)
        assert ApiToken.objects.get().owner == owner

    def test_others_tokens_are_seen_by_administrators_alone(self, client, owner, admin_user):
        other, _ = ApiToken.issue(owner=admin_user, name="secret plans", scopes=["read"])
        self.desk(client, owner, "curator")
        assert "secret plans" not in client.get("/admin/config/apitoken/").content.decode()
        client.post("/admin/config/apitoken/", {"action": "revoke", "_selected_action": [other.pk]})
        other.refresh_from_db()
        assert other.revoked_at is None
        owner.groups.add(Group.objects.get(name="admin"))
        client.post("/admin/config/apitoken/", {"action": "revoke", "_selected_action": [other.pk]})
        other.refresh_from_db()
        assert other.revoked_at is not None

    def test_a_token_that_has_expired_already_is_not_made(self, client, owner):
        self.desk(client, owner, "viewer")
        page = self.make(client, expires_at_0="2020-01-01", expires_at_1="00:00:00")
        assert "in the past" in page.content.decode()
        assert not ApiToken.objects.exists()
