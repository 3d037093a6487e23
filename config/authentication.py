"""Who a request comes from: a token in ``Authorization``, or the session of the site.

HTTP Basic is not taken: it puts a person's password, with all that the person may do, into scripts.
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from config.models import ApiToken

REALM = 'Bearer realm="refdesk"'


class TokenInvalid(AuthenticationFailed):
    """A token that was never issued, was revoked, or whose owner may no longer log in."""

    default_detail = "The token is not valid."
    default_code = "token_invalid"


class TokenExpired(AuthenticationFailed):
    """A token past its time."""

    default_detail = "The token has expired."
    default_code = "token_expired"


class BearerToken(BaseAuthentication):
    """``Authorization: Bearer rdk_…``."""

    def authenticate(self, request):
        """The owner and the token; None for a request without one."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise TokenInvalid
        token = ApiToken.objects.of_secret(words[1].decode("latin-1"))
        if token is None or token.revoked_at is not None or not token.owner.is_active:
            raise TokenInvalid
        if token.is_expired:
            raise TokenExpired
        token.note_use()
        return token.owner, token

    def authenticate_header(self, request):
        """What a 401 asks for."""
        return REALM


def holder_of(request) -> str:
    """Whose idempotency keys a request uses; no two share them."""
    if isinstance(request.auth, ApiToken):
        return f"token:{request.auth.pk}"
    return "" if isinstance(request.user, AnonymousUser) else f"user:{request.user.pk}"


class BearerTokenScheme(OpenApiAuthenticationExtension):
    """The token in the OpenAPI description."""

    target_class = "config.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema):
        """A bearer scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "rdk_…"}
