"""Query parameters of the API: what the description of an operation does not name is refused, not overlooked."""

from __future__ import annotations

from functools import cache

from django.urls import path
from rest_framework.permissions import BasePermission


class OnlyDescribed(BasePermission):
    """Lets a request through whose parameters the description names: comes last, when it is known that the caller may.

    A permission, as these are what each view of the API has without saying so, whatever it is made of.
    Every operation takes ``format`` (see ``config.negotiation``), named there only where more than JSON is offered.
    """

    def has_permission(self, request, view):
        """True.

        Raises:
            BadParameter: for a parameter that the operation does not take.
        """
        method = "GET" if request.method == "HEAD" else request.method
        if request.query_params and method != "OPTIONS" and hasattr(view, method.lower()):
            taken = _described(type(view), request.resolver_match.route, method)
            if unknown := request.query_params.keys() - taken:
                from config.problems import BadParameter  # DRF loads this module while that one loads DRF

                raise BadParameter(f"There is no parameter “{min(unknown)[:50]}”: {', '.join(sorted(taken))}.")
        return True


@cache
def _described(view: type, route: str, method: str) -> frozenset[str]:
    """Names of the parameters of one operation; describing one view takes some ten milliseconds, once."""
    from drf_spectacular.generators import SchemaGenerator

    described = SchemaGenerator(patterns=[path(route, view.as_view())]).get_schema(request=None, public=True)
    [operations] = described["paths"].values()
    parameters = operations[method.lower()].get("parameters", ())
    return frozenset({one["name"] for one in parameters if one["in"] == "query"} | {"format"})
