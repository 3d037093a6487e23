"""How files are read and what is done with their articles; stored in the job, so that any worker can run it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields

from django.conf import settings

from articles.readers import READERS, Limits, ReadOptions


def limits(most_unpacked: int | None = None) -> Limits:
    """What a job may cost.

    Args:
        most_unpacked: bytes over all its files; None: as the settings say, 0: without a limit.
    """
    most = settings.IMPORT_MAX_UNPACKED_BYTES if most_unpacked is None else most_unpacked
    return Limits(job_bytes=most or None)


@dataclass(slots=True)
class Options:
    """What is asked for; all but ``dry_run`` is kept in the job."""

    format: str = ""
    read: ReadOptions = field(default_factory=ReadOptions)
    link: bool = True
    use_ner: bool = True
    limit: int | None = None
    dry_run: bool = False

    def to_json(self) -> dict:
        """For ``ImportJob.options``."""
        read = asdict(self.read)
        del read["budget"]  # counts what one process unpacks
        return {
            "format": self.format, "read": read, "link": self.link, "use_ner": self.use_ner,
            "limit": self.limit,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: dict) -> Options:
        """From ``ImportJob.options``; what another version wrote and this one does not know is left out.

        Raises:
            ValueError: if the format is none that is read here.
        """
        known = {one.name for one in fields(ReadOptions)}
        read = {name: value for name, value in (data.get("read") or {}).items() if name in known}
        format_ = data.get("format") or ""
        if format_ and format_ not in READERS:
            raise ValueError(f"there is no format {format_!r}")
        return cls(
            format=format_, read=ReadOptions(**read), link=bool(data.get("link", True)),
            use_ner=bool(data.get("use_ner", True)), limit=data.get("limit"),
        )  # fmt: skip
