"""What reading may cost: bounds on bytes, time and memory, and the count of what a job has unpacked."""

from __future__ import annotations

from dataclasses import dataclass, field


class TooLarge(ValueError):
    """Something is larger than the limits allow; the message says what and by which limit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that a hostile file meets; ``None`` for ``job_bytes`` lifts that one."""

    document_bytes: int = 10_000_000  # one page, feed, text, or text of a row
    job_bytes: int | None = 1_000_000_000  # unpacked, over all packed files of a job
    ratio: int = 100  # unpacked to packed, judged once more than one document has been unpacked
    entries: int = 1_000_000  # in one archive
    cpu_seconds: float = 10.0  # to parse one page or feed
    memory_bytes: int = 512_000_000  # address space of the process that parses

    @property
    def line_bytes(self) -> int:
        """The longest line or JSON value read: a document whose characters are escaped."""
        return 4 * self.document_bytes


@dataclass(slots=True)
class Budget:
    """How many bytes a job has unpacked so far: here, and elsewhere by whoever else works at it."""

    unpacked: int = field(default=0)
    elsewhere: int = field(default=0)

    def spend(self, count: int, limits: Limits) -> None:
        """Count unpacked bytes.

        Raises:
            TooLarge: once they are more than the job may unpack.
        """
        self.unpacked += count
        if self.is_spent(limits):
            raise TooLarge(
                f"the job has unpacked more than {limits.job_bytes:,} bytes: from here on nothing packed is read"
            )

    def is_spent(self, limits: Limits) -> bool:
        """Whether the job may unpack nothing more."""
        return limits.job_bytes is not None and self.unpacked + self.elsewhere > limits.job_bytes
