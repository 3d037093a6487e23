"""Imports in the admin: a file is sent, its columns are named, its progress followed; cancel, resume, errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from articles.importing import Options, ledger, limits, rejects, uploads
from articles.models import ImportJob
from articles.readers import FIELDS, READERS, ReadOptions, format_of, preview
from articles.readers.encodings import known_encoding
from articles.readers.inputs import open_path
from articles.readers.packing import DAMAGED, unpacked
from config.api import PARTIAL_DATE
from entities.admin import ReadOnlyAdmin

_ERRORS = 100
_HEAD = 65_536
_FORMAT_NAMES = {
    "auto": "told by its first bytes", "jsonl": "JSON Lines", "json": "JSON", "csv": "CSV or another table",
    "html": "HTML page", "txt": "Plain text", "rss": "RSS or Atom", "warc": "WARC (a web archive)", "zip": "Zip of such files",
    "tar": "Tar of such files",
}  # fmt: skip
FIELD_NAMES = {
    "text": "Text", "html": "Text, as HTML", "title": "Title", "published_at": "Date", "source": "Outlet",
    "author": "Author", "language": "Language", "url": "Address (URL)", "external_id": "The outlet's own id",
}  # fmt: skip


def _in_words(options: Options) -> Iterator[str]:
    """What an import was asked to do, a line each."""
    read = options.read
    yield f"Format: {_FORMAT_NAMES.get(options.format, options.format) or 'told by the files'}"
    for label, value in (
        ("Outlet of rows that name none", read.source), ("Date of rows that name none", read.date),
        ("Language", read.language), ("Encoding", read.encoding), ("Cells end at", read.delimiter),
    ):  # fmt: skip
        if value:
            yield f"{label}: {value}"
    if read.columns:
        named = (f"{FIELD_NAMES.get(field, field)} from “{column}”" for field, column in read.columns.items() if column)
        yield f"Columns: {', '.join(named)}"
    if not read.names_columns:
        yield "The first row is an article, too"
    if read.day_first is not None:
        yield f"03/05/2024 is {'3 May' if read.day_first else '5 March'}"
    if options.limit is not None:
        yield f"At most {options.limit:,} articles"
    yield "Names are found and linked" if options.link else "Names are not looked for"
    if options.link:
        yield f"Unknown names are {'found with the language model' if options.use_ner else 'not looked for'}"


class UploadForm(forms.Form):
    """A file and what holds for all its rows."""

    file = forms.FileField(widget=UnfoldAdminFileFieldWidget)
    format = forms.ChoiceField(
        required=False, widget=UnfoldAdminSelectWidget, help_text="Told by the file's name, as a rule."
    )
    source = forms.CharField(
        max_length=300, required=False, label="Outlet", widget=UnfoldAdminTextInputWidget,
        help_text="For rows that name none.",
    )  # fmt: skip
    date = forms.CharField(
        max_length=10, required=False, validators=[PARTIAL_DATE],
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "YYYY-MM-DD"}),
        help_text="For rows that give none: 2024, 2024-07 or 2024-07-29.",
    )  # fmt: skip
    language = forms.RegexField(
        r"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", max_length=16, required=False, widget=UnfoldAdminTextInputWidget,
        help_text="Code such as en or ru; detected in each article where left empty.",
    )  # fmt: skip
    day_first = forms.TypedChoiceField(
        required=False, label="03/05/2024 is", widget=UnfoldAdminSelectWidget, coerce="True".__eq__, empty_value=None,
        choices=[("", "not read: the row is refused"), ("True", "3 May (day first)"), ("False", "5 March (month first)")],
    )  # fmt: skip
    encoding = forms.CharField(
        max_length=40, required=False, widget=UnfoldAdminTextInputWidget,
        help_text="Such as cp1251; told by the bytes where left empty.",
    )  # fmt: skip
    limit = forms.IntegerField(
        min_value=1, max_value=10**9, required=False, label="At most so many rows", widget=UnfoldAdminIntegerFieldWidget
    )
    link = forms.BooleanField(
        required=False, initial=True, label="Find mentions and link them", widget=UnfoldBooleanWidget
    )
    use_ner = forms.BooleanField(
        required=False, initial=True, label="Find unknown names with the language model", widget=UnfoldBooleanWidget,
        help_text="Slower, and finds more names that the catalogue does not have.",
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields[
            "file"
        ].help_text = f"At most {settings.IMPORT_MAX_BYTES // 1_000_000:,} MB; packed files are opened."
        known = [(name, _FORMAT_NAMES.get(name, name.upper())) for name in sorted(READERS)]
        self.fields["format"].choices = [("", "as the name tells"), *known]

    def clean_encoding(self):
        """One that Python reads text by."""
        encoding = self.cleaned_data["encoding"]
        if encoding and not known_encoding(encoding):
            raise forms.ValidationError("This encoding is not known.")
        return encoding

    def clean(self):
        """The format must be told by something."""
        given = super().clean()
        file = given.get("file")
        if file is not None and file.size > settings.IMPORT_MAX_BYTES:
            self.add_error("file", f"The file may hold at most {settings.IMPORT_MAX_BYTES:,} bytes.")
        elif file is not None and not given.get("format") and not uploads.suffix_of(file.name):
            self.add_error("format", "The file's name does not tell its format: choose one.")
        return given

    def options(self) -> Options:
        """As jobs keep them."""
        given = self.cleaned_data
        return Options(
            format=given["format"],
            read=ReadOptions(
                given["source"], given["date"], given["language"], given["encoding"], day_first=given["day_first"],
                limits=limits(),
            ),
            link=given["link"], use_ner=given["use_ner"], limit=given["limit"],
        )  # fmt: skip


class ColumnsForm(forms.Form):
    """Which column of a table holds what."""

    def __init__(self, *args, columns, mapping, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", "–"), *((column, column) for column in dict.fromkeys(columns) if column.strip())]
        for name in sorted(FIELDS, key=list(FIELD_NAMES).index):
            self.fields[name] = forms.ChoiceField(
                choices=choices, required=False, label=FIELD_NAMES[name], initial=mapping.get(name, ""),
                widget=UnfoldAdminSelectWidget,
            )  # fmt: skip

    def clean(self):
        """A text is needed; a column holds one thing. Fields without a column stay empty, whatever the names suggest."""
        given = super().clean()
        if not self.errors and not (given.get("text") or given.get("html")):
            raise forms.ValidationError("Say which column holds the text.")
        used = [column for column in given.values() if column]
        twice = [column for column in used if used.count(column) > 1]
        if twice:
            raise forms.ValidationError(f"“{twice[0]}” cannot hold two things.")
        return given


@admin.register(ImportJob)
class ImportJobAdmin(ReadOnlyAdmin):
    """Imports: how far they are, what they brought, what they refused."""

    list_display = [
        "shown_files",
        "shown_status",
        "shown_progress",
        "articles_new",
        "rows_refused",
        "created_by",
        "created_at",
    ]
    list_filter = [("status", ChoicesDropdownFilter)]
    list_select_related = ["created_by"]
    search_fields = ["path", "message"]
    show_full_result_count = False
    readonly_fields = ["shown_options"]
    fields = ["shown_options", "created_at", "started_at", "finished_at"]
    change_form_template = "admin/articles/importjob/change_form.html"

    class Media:
        css = {"all": ["refdesk/imports.css"]}
        js = ["refdesk/imports.js"]

    def has_add_permission(self, request, obj=None):
        """Whoever may make imports."""
        return request.user.has_perm("articles.add_importjob")

    def get_fields(self, request, obj=None):
        """Moments that did not come yet are left out."""
        return [
            name for name in super().get_fields(request, obj) if name == "shown_options" or getattr(obj, name, None)
        ]

    def get_queryset(self, request):
        """With what their progress is told by."""
        return super().get_queryset(request).with_progress()

    @display(
        description="Status",
        label={
            "Waiting for its columns": "info", "Waiting": "info", "Running": "warning", "Done": "success", "Failed": "danger",
            "Cancelled": "info",
        },
    )  # fmt: skip
    def shown_status(self, job):
        """As a coloured label."""
        return job.get_status_display()

    @display(description="Files", ordering="path")
    def shown_files(self, job):
        """The first files or folders, and how many more."""
        return job.label

    @display(description="Rows")
    def shown_progress(self, job):
        """Rows read, and the share of the file while it is read."""
        share = f" ({job.progress:.0%})" if job.is_open and job.progress is not None else ""
        return f"{job.rows_read:,}{share}"

    @display(description="Asked for")
    def shown_options(self, job):
        """What holds for all its rows, in words; an import of another version may hold what this one cannot read."""
        try:
            options = Options.from_json(job.options)
        except (TypeError, ValueError):
            return "what this version cannot read"
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in _in_words(options)))

    def get_urls(self):
        """The pages around one import."""
        view, either = self.admin_site.admin_view, require_http_methods(["GET", "HEAD", "POST"])
        return [
            path("<int:pk>/columns/", view(either(self.columns_view)), name="articles_importjob_columns"),
            path("<int:pk>/cancel/", view(require_POST(self.cancel_view)), name="articles_importjob_cancel"),
            path("<int:pk>/resume/", view(require_POST(self.resume_view)), name="articles_importjob_resume"),
            path("<int:pk>/errors.jsonl", view(require_safe(self.lines_view)), name="articles_importjob_errors_jsonl"),
            path("<int:pk>/errors.csv", view(require_safe(self.table_view)), name="articles_importjob_errors_csv"),
            *super().get_urls(),
        ]

    # --- A new one ---------------------------------------------------------------------------------------------------
    def add_view(self, request, form_url="", extra_context=None):
        """A file is sent; of a table the columns are named next."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                upload = uploads.store(file.chunks(), file.name)
            except (uploads.TooBig, uploads.Empty) as error:
                form.add_error("file", str(error))
            else:
                return self._begun(request, form, upload, file.name)
        return self._page(request, "admin/articles/importjob/upload.html", "Import a file", form=form)

    def _begun(self, request, form: UploadForm, upload: uploads.Upload, name: str):
        options = form.options()
        is_table = (options.format or format_of(uploads.path_of(upload.name))) == "csv"
        try:
            job = ledger.create_job(
                options=options,
                upload=upload.name,
                label=name.replace("\0", "")[:300],
                by=request.user,
                is_draft=is_table,
            )
        except BaseException:
            uploads.discard(upload.name)
            raise
        if is_table:
            return HttpResponseRedirect(reverse("admin:articles_importjob_columns", args=[job.pk]))
        messages.success(request, "The file is stored; a worker imports it.")
        return self._to(job.pk)

    def columns_view(self, request, pk):
        """The first rows of a table, and what its columns hold."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        job = get_object_or_404(ImportJob, pk=pk)
        if job.status != ImportJob.Status.DRAFT:
            return self._to(pk)
        options = Options.from_json(job.options)
        options.read = replace(options.read, names_columns=request.GET.get("named") != "no")
        try:
            with open_path(uploads.path_of(job.upload)) as stream:
                head = unpacked(stream, options.read.limits, options.read.budget).read(_HEAD)
        except FileNotFoundError:
            messages.error(request, "The file is not kept any more: send it again.")
            return self._to(pk)
        except (*DAMAGED, ValueError) as error:
            messages.error(request, f"The file cannot be read: {error}")
            return self._to(pk)
        shown = preview(head, options.read)
        form = ColumnsForm(request.POST or None, columns=shown.columns, mapping=shown.mapping)
        if request.method == "POST" and form.is_valid():
            options.read = replace(options.read, columns=form.cleaned_data)
            try:
                ledger.set_columns(pk, options)
            except ledger.JobError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, "The columns are set; a worker imports the file.")
            return self._to(pk)
        return self._page(
            request,
            "admin/articles/importjob/columns.html",
            f"Columns of {job.label}",
            form=form,
            job=job,
            shown=shown,
            names_columns=options.read.names_columns,
        )

    # --- One of them -------------------------------------------------------------------------------------------------
    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The figures and the refused rows; ``?fragment=1``: the figures alone, for a page that follows them."""
        job = self.get_object(request, object_id)
        extra = dict(extra_context or {})
        if job is not None and self.has_view_permission(request, job):
            may_change = request.user.has_perm("articles.change_importjob")
            extra |= {
                "job": job,
                "pace": _pace(job),
                "job_errors": list(ledger.refused_rows(job)[:_ERRORS]),
                "is_draft": job.status == ImportJob.Status.DRAFT,
                "may_cancel": may_change and (job.is_open or job.status == ImportJob.Status.DRAFT),
                "may_resume": may_change and job.status in (ImportJob.Status.FAILED, ImportJob.Status.CANCELLED),
                "is_silent": _is_silent(job),
            }
            if request.GET.get("fragment"):
                return TemplateResponse(request, "admin/articles/importjob/_figures.html", extra)
        return super().change_view(request, object_id, form_url, extra)

    def cancel_view(self, request, pk):
        """Stop it."""
        return self._do(request, pk, ledger.cancel, "Cancelled: what was stored stays.")

    def resume_view(self, request, pk):
        """Let the workers go on with it."""
        return self._do(request, pk, lambda pk: ledger.resume(pk, for_workers=True), "A worker goes on with it.")

    def _do(self, request, pk, do, said: str):
        if not request.user.has_perm("articles.change_importjob"):
            raise PermissionDenied
        get_object_or_404(ImportJob, pk=pk)
        try:
            do(pk)
        except ledger.JobError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, said)
        return self._to(pk)

    def lines_view(self, request, pk):
        """Refused rows as JSON Lines."""
        return self._download(request, pk, rejects.as_lines, "jsonl", "application/x-ndjson")

    def table_view(self, request, pk):
        """Refused rows as a table."""
        return self._download(request, pk, rejects.as_csv, "csv", "text/csv; charset=utf-8")

    def _download(self, request, pk, write, ending: str, content_type: str):
        if not self.has_view_permission(request):
            raise PermissionDenied
        job = get_object_or_404(ImportJob, pk=pk)
        name = f"import-{job.pk}-errors.{ending}"
        return StreamingHttpResponse(
            write(job), content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )

    def _to(self, pk: int) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:articles_importjob_change", args=[pk]))

    def _page(self, request, template: str, title: str, **context):
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
            **context,
        }
        return TemplateResponse(request, template, context)


def _pace(job: ImportJob) -> int:
    """Rows a second since the start."""
    if job.started_at is None:
        return 0
    seconds = ((job.finished_at or timezone.now()) - job.started_at).total_seconds()
    return round(job.rows_read / seconds) if seconds > 0 else 0


def _is_silent(job: ImportJob) -> bool:
    """It should get on and nobody is at it: no worker runs, or the command that ran it died."""
    if not job.is_open:
        return False
    return job.moved_at is None or timezone.now() - job.moved_at > 2 * ledger.lease()
