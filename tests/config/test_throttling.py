"""How often one caller may ask: one general limit each, and a view's own on top."""

import pytest
from django.core.cache import cache
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle

from config.throttling import PerUser

pytestmark = pytest.mark.django_db
RECORDS, MATCH = "/api/v1/records/", "/api/v1/match/"


@pytest.fixture
def rates(monkeypatch):
    """Sets the limits: ``rates(anon="2/min")``; those not named are off."""
    cache.clear()

    def to(**given):
        limits = dict.fromkeys(("anon", "user", "link", "match")) | given
        for throttle in (AnonRateThrottle, PerUser, ScopedRateThrottle):
            monkeypatch.setattr(throttle, "THROTTLE_RATES", limits)

    yield to
    cache.clear()


def statuses(client, count, address=RECORDS, **more):
    return [client.get(address, **more).status_code for _ in range(count)]


def test_anonymous_callers_have_the_limit_of_anonymous_callers_alone(client, rates):
    rates(anon="3/min", user="1/min")
    assert statuses(client, 4) == [200, 200, 200, 429]


def test_users_have_the_limit_of_users_alone(admin_client, rates):
    rates(anon="1/min", user="3/min")
    assert statuses(admin_client, 4) == [200, 200, 200, 429]


def test_each_address_and_each_user_is_counted_apart(client, admin_client, rates):
    rates(anon="1/min", user="1/min")
    assert statuses(client, 2) == [200, 429]
    assert statuses(client, 1, REMOTE_ADDR="192.0.2.7") == [200]
    assert statuses(admin_client, 2) == [200, 429]


def test_costly_addresses_have_a_limit_of_their_own_on_top(client, rates):
    rates(anon="3/min", match="1/min")
    ask = {"queries": [{"name": "Iran"}]}
    assert client.post(MATCH, ask, content_type="application/json").status_code == 200
    refused = client.post(MATCH, ask, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert statuses(client, 1) == [200]


def test_an_empty_limit_is_none(client, rates):
    rates()
    assert set(statuses(client, 20)) == {200}
