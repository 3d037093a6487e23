"""Who may do what: everyone reads while ``PUBLIC_PAGES`` is on; all else needs a permission, and a token its scope.

A view of the API says for each of its methods which rule it falls under (``access``). What says nothing is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from rest_framework import exceptions
from rest_framework.permissions import BasePermission

from config.models import ApiToken, Scope


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


@dataclass(frozen=True, slots=True)
class Rule:
    """What a request needs: the scope, of a token; and one permission, of a user. Without one: what the pages need."""

    scope: str
    permission: str = ""


#: What everyone may see while the pages are public.
READ = Rule(Scope.READ)


class InsufficientScope(exceptions.PermissionDenied):
    """The token's owner may, the token may not."""

    default_detail = "The token lacks the scope for this."
    default_code = "insufficient_scope"


def allows(rule: Rule, request) -> bool:
    """Whether a request satisfies a rule.

    Raises:
        InsufficientScope: if its token's scopes are too few.
    """
    if isinstance(request.auth, ApiToken) and rule.scope not in request.auth.scopes:
        raise InsufficientScope(f"The token lacks the scope “{rule.scope}”.")
    if not rule.permission:
        return may_read(request.user)
    return request.user.is_authenticated and request.user.has_perm(rule.permission)


class AsDeclared(BasePermission):
    """A request is allowed by what the view declares for its method, and by nothing else."""

    message = "You may not do this."

    def has_permission(self, request, view):
        """By ``view.access``; a view, or a method, without a rule is refused."""
        method = "GET" if request.method in ("HEAD", "OPTIONS") else request.method
        rules = getattr(view, "access", {})
        if rules and not hasattr(view, request.method.lower()):
            return True  # the view answers 405
        rule = rules.get(method)
        if rule is None and request.method == "OPTIONS" and rules:
            rule = READ
        return rule is not None and allows(rule, request)


class MayRead(BasePermission):
    """The rule ``READ`` for views of other packages: the description of the API."""

    message = "This site's pages are not public: log in."

    def has_permission(self, request, view):
        """Reads are open with the public pages, else to users."""
        return allows(READ, request)
