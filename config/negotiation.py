"""Which renderer answers: ``?format=`` before ``Accept``."""

from __future__ import annotations

from rest_framework.negotiation import DefaultContentNegotiation


class Negotiation(DefaultContentNegotiation):
    """DRF's, but a ``format`` that is not offered is the caller's mistake, not a missing page."""

    def select_renderer(self, request, renderers, format_suffix=None):
        """The renderer and its media type; of a method that the view does not take, any: the answer is 405."""
        view = request.parser_context["view"]
        is_open = request.headers.get("Accept", "*/*") == "*/*" and not (
            format_suffix or "format" in request.query_params
        )  # as most programs ask; the whole way takes longer than a look-up
        is_option = request.method == "POST" and getattr(view, "format_is_option", False)
        if is_open or is_option or not hasattr(view, request.method.lower()):
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)

    def filter_renderers(self, renderers, format):
        """Those of the format.

        Raises:
            BadParameter: if there is none.
        """
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            from config.problems import BadParameter  # DRF loads this module while that one loads DRF

            offered = sorted({renderer.format for renderer in renderers if renderer.format})
            raise BadParameter(f"format may be {', '.join(offered)}.")
        return found
