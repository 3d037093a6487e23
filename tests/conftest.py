"""What every test shares."""

from tests.scratch import scratch_url

__all__ = ["scratch_url"]
