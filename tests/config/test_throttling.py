"""How often one caller may ask: one general limit each, and a view's own on top."""

import pytest
from django.core.cache import cache

from config.throttling import Counted, PerAddress, PerScope, PerUser

pytestmark = pytest.mark.django_db
RECORDS, MATCH = "/api/v1/records/", "/api/v1/match/"


@pytest.fixture
def rates(monkeypatch):
    """Sets the limits: ``rates(anon="2/min")``; those not named are off."""
    cache.clear()

    def to(**given):
        limits = dict.fromkeys(("anon", "user", "link", "match")) | given
        for throttle in (PerAddress, PerUser, PerScope):
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


class TestCounts:
    """Two counts for each caller, whatever the limit."""

    @pytest.fixture
    def now(self, monkeypatch):
        """The throttles' clock, as it is set: ``now[0] = 30``."""
        time = [600.0]
        monkeypatch.setattr(Counted, "timer", lambda self: time[0])
        return time

    def test_a_window_gives_room_again_bit_by_bit(self, client, rates, now):
        rates(anon="4/min")
        assert statuses(client, 5) == [200, 200, 200, 200, 429]
        now[0] += 60
        assert statuses(client, 1) == [429]  # the window before lies within the last minute as a whole
        now[0] += 30
        assert statuses(client, 3) == [200, 200, 429]
        now[0] += 120
        assert statuses(client, 5) == [200, 200, 200, 200, 429]

    @pytest.mark.parametrize("limit", [1, 2, 7])
    @pytest.mark.parametrize("at", [0, 12, 59])
    def test_who_waits_as_long_as_told_is_let_in(self, client, rates, now, limit, at):
        rates(anon=f"{limit}/min")
        now[0] += at
        for _ in range(3):
            told = client.get(RECORDS)
            while told.status_code == 200:
                told = client.get(RECORDS)
            wait = int(told.headers["Retry-After"])
            assert 0 < wait <= 61
            now[0] += wait
            assert statuses(client, 1) == [200]

    def test_what_is_kept_does_not_grow_with_the_requests(self, client, rates, now):
        rates(anon="500/min")
        statuses(client, 2)
        keys = set(cache._cache)
        statuses(client, 300)
        assert set(cache._cache) == keys
        assert max(len(value) for value in cache._cache.values()) < 50
