"""How often one caller may ask. The general limits exclude each other; ``throttle_scope`` of a view comes on top."""

from __future__ import annotations

from rest_framework.throttling import UserRateThrottle


class PerUser(UserRateThrottle):
    """``THROTTLE_USER``, for whoever is logged in; DRF's own would count anonymous callers too, by their address."""

    def get_cache_key(self, request, view):
        """By user; None, which is not counted, for anonymous callers: ``THROTTLE_ANON`` is theirs."""
        if not (request.user and request.user.is_authenticated):
            return None
        return super().get_cache_key(request, view)
