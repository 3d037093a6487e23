"""How often one caller may ask. The general limits exclude each other; ``throttle_scope`` of a view comes on top."""

from __future__ import annotations

from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle, SimpleRateThrottle, UserRateThrottle


class Counted(SimpleRateThrottle):
    """Counts requests where DRF remembers the time of each, so that a high limit costs no more than a low one.

    Of this window of time and the one before it; the latter weighs as much as still lies within one window of now.
    """

    def allow_request(self, request, view):
        """Whether one more keeps within the limit; it is counted then."""
        if self.rate is None:
            return True
        key = self.get_cache_key(request, view)
        if key is None:
            return True
        window, self.elapsed = divmod(self.timer(), self.duration)
        current, before = f"{key}_{window:.0f}", f"{key}_{window - 1:.0f}"
        counts = self.cache.get_many((current, before))
        self.count, self.before = counts.get(current, 0), counts.get(before, 0)
        weight = 1 - self.elapsed / self.duration
        if int(self.before * weight) + self.count >= self.num_requests:
            return False
        try:
            self.cache.incr(current)
        except ValueError:  # the first of this window
            self.cache.set(current, 1, 2 * self.duration)
        return True

    def wait(self):
        """Seconds until one more would be within the limit, if none comes in between."""
        room = self.num_requests - self.count
        if room <= 0:  # not within this window
            return self.duration - self.elapsed
        return self.duration * (1 - room / self.before) - self.elapsed


class PerAddress(AnonRateThrottle, Counted):
    """``THROTTLE_ANON``, for whoever is not logged in."""


class PerUser(UserRateThrottle, Counted):
    """``THROTTLE_USER``, for whoever is logged in; DRF's own would count anonymous callers too, by their address."""

    def get_cache_key(self, request, view):
        """By user; None, which is not counted, for anonymous callers: ``THROTTLE_ANON`` is theirs."""
        if not (request.user and request.user.is_authenticated):
            return None
        return super().get_cache_key(request, view)


class PerScope(ScopedRateThrottle, Counted):
    """``THROTTLE_LINK`` and ``THROTTLE_MATCH``, for the costly addresses."""
