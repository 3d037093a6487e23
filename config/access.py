"""Who may read: everyone while ``PUBLIC_PAGES`` is on, else whoever is logged in."""

from functools import wraps

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from rest_framework.permissions import BasePermission


def may_read(user) -> bool:
    """True if a user, anonymous perhaps, may see the public pages and the API's reads."""
    return settings.PUBLIC_PAGES or user.is_authenticated


def public_page(view):
    """A page for everyone, or, with ``PUBLIC_PAGES`` off, for whoever is logged in."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if may_read(request.user):
            return view(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path())

    return wrapped


class MayRead(BasePermission):
    """The same rule for the API."""

    message = "This site's pages are not public: log in."

    def has_permission(self, request, view):
        """Reads are open with the public pages, else to users."""
        return may_read(request.user)
