"""``/api/v1/imports/``: files come in as jobs, which workers run; how far they are; what they refused."""

from __future__ import annotations

import hashlib
import json

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.response import Response

from articles.importing import Options, ledger, limits, rejects, uploads
from articles.models import ImportJob, ImportRowError
from articles.readers import FIELDS, READERS, ReadOptions
from articles.readers.encodings import known_encoding
from config.access import Rule
from config.api import Pages, check_body_size, check_no_fields
from config.fields import Closed
from config.idempotency import PARAMETER as IDEMPOTENCY_KEY
from config.idempotency import answer_once
from config.models import Scope
from config.parsing import EscapingJSONRenderer
from config.problems import BadParameter, Conflict, TooLarge
from entities.api.writing import CONFLICT, FORBIDDEN, NOT_FOUND, POST_ERRORS, READ_ERRORS, UNAUTHENTICATED

SEE = Rule(Scope.IMPORT, "articles.view_importjob")
MAKE = Rule(Scope.IMPORT, "articles.add_importjob")
CHANGE = Rule(Scope.IMPORT, "articles.change_importjob")
_ENVELOPE = 100_000  # bytes of a multipart body around its file
_BLOCK = 1 << 20
_LANGUAGE = "[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"
_FORMATS = [(name, name) for name in sorted(READERS)]


# --- What comes in ---------------------------------------------------------------------------------------------------
class _Stream(BaseParser):
    """A body that is the file itself: handed on unread, so that it is written to disk as it comes."""

    format_name = ""

    def parse(self, stream, media_type=None, parser_context=None):
        """The stream."""
        return {"stream": stream, "format": self.format_name}


class LinesParser(_Stream):
    """JSON Lines."""

    media_type = "application/x-ndjson"
    format_name = "jsonl"


class OtherLinesParser(LinesParser):
    """JSON Lines by another of its names."""

    media_type = "application/jsonl"


class UnsaidBoolean(serializers.BooleanField):
    """True, false or unsaid: a form without it does not say false."""

    default_empty_html = serializers.empty


class ImportRequestSerializer(Closed):
    """A file and how it is read. What a row says of itself comes first."""

    name = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="What to call it: the file's own name."
    )
    format = serializers.ChoiceField(
        _FORMATS, required=False, allow_blank=True, default="", help_text="Told by the file's name where absent."
    )
    source = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="", help_text="The outlet, for rows that name none."
    )
    date = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text="The day, for rows that give none."
    )
    language = serializers.RegexField(
        rf"\A{_LANGUAGE}\Z", max_length=16, required=False, allow_blank=True, default="",
        help_text="ISO 639 code; detected where absent.",
    )  # fmt: skip
    encoding = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    columns = serializers.CharField(
        max_length=5_000, required=False, allow_blank=True, default="", validators=[ProhibitNullCharactersValidator()],
        help_text='Of a table: which column holds what, as a JSON object: `{"text": "Body", "title": "Headline"}`.',
    )  # fmt: skip
    day_first = UnsaidBoolean(required=False, default=None, help_text="How 03/05/2024 is read; refused where absent.")
    link = serializers.BooleanField(required=False, default=True, help_text="False: store the texts, find no mentions.")
    use_ner = serializers.BooleanField(
        required=False, default=True, help_text="False: unknown names are found by rules alone, which is faster."
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=10**9, required=False, default=None, help_text="Rows read at most."
    )

    def validate_columns(self, value):
        """A JSON object of texts."""
        if not value:
            return {}
        try:
            columns = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise serializers.ValidationError("This is no JSON.") from error
        if not isinstance(columns, dict) or not all(isinstance(column, str) for column in columns.values()):
            raise serializers.ValidationError("This must be an object: our field to the table's column.")
        if unknown := sorted(columns.keys() - set(FIELDS)):
            raise serializers.ValidationError(f"There is no field “{unknown[0][:50]}”: {', '.join(FIELDS)}.")
        return columns

    def validate_encoding(self, value):
        """One that Python reads text by."""
        if value and not known_encoding(value):
            raise serializers.ValidationError("This encoding is not known.")
        return value


class ImportUploadSerializer(ImportRequestSerializer):
    """As a form."""

    file = serializers.FileField(help_text="Packed files (gz, bz2, xz) are opened.")


def options_of(given: dict) -> Options:
    """What was asked for, as jobs keep it."""
    return Options(
        format=given["format"],
        read=ReadOptions(
            given["source"], given["date"], given["language"], given["encoding"], given["columns"],
            day_first=given["day_first"], limits=limits(),
        ),
        link=given["link"], use_ner=given["use_ner"], limit=given["limit"],
    )  # fmt: skip


# --- What goes out ---------------------------------------------------------------------------------------------------
class ImportCountsSerializer(serializers.Serializer):
    """Figures so far."""

    rows = serializers.IntegerField(source="rows_read")
    new = serializers.IntegerField(source="articles_new")
    changed = serializers.IntegerField(source="articles_changed", help_text="Known articles with another text.")
    known = serializers.IntegerField(source="articles_known")
    refused = serializers.IntegerField(source="rows_refused", help_text="Rows with errors.")
    mentions = serializers.IntegerField()


class ImportSerializer(serializers.ModelSerializer):
    """An import."""

    name = serializers.CharField(source="path")
    progress = serializers.SerializerMethodField(help_text="In [0, 1], by bytes; null before it is known.")
    counts = ImportCountsSerializer(source="*")
    message = serializers.CharField(help_text="Why it failed, or is tried again.")
    warnings = serializers.ListField(child=serializers.CharField())
    errors = serializers.SerializerMethodField(help_text="Address of the rows it refused.")

    class Meta:
        model = ImportJob
        fields = [
            "id", "name", "status", "progress", "counts", "message", "warnings", "errors", "created_at", "started_at",
            "finished_at",
        ]  # fmt: skip

    def get_progress(self, job) -> float | None:
        """How much of the file is done."""
        return job.progress

    def get_errors(self, job) -> str:
        """Where they are."""
        return reverse("api-import-errors", args=[job.pk])


class ImportErrorSerializer(serializers.ModelSerializer):
    """A refused row."""

    class Meta:
        model = ImportRowError
        fields = ["file", "line", "reason", "excerpt"]


class NewestFirst(Pages):
    """The latest first."""

    ordering = "-pk"


_STATUS = OpenApiParameter("status", str, enum=list(ImportJob.Status.values), description="Only imports that are so.")
_TAGS = ["imports"]
_EXAMPLES = {"name": [OpenApiExample("what to call it", value="wire of 17 January")]}


@extend_schema_view(
    get=extend_schema(
        operation_id="imports_list", summary="Imports, the latest first",
        parameters=[_STATUS],
        responses={200: ImportSerializer(many=True), **READ_ERRORS}, tags=_TAGS,
    )
)  # fmt: skip
class Imports(ListAPIView):
    """``GET`` and ``POST /api/v1/imports/``."""

    format_is_option = True  # of what is sent: ``?format=csv``

    access = {"GET": SEE, "POST": MAKE}
    serializer_class = ImportSerializer
    pagination_class = NewestFirst
    parser_classes = [MultiPartParser, LinesParser, OtherLinesParser]
    queryset = ImportJob.objects.with_progress()

    def initial(self, request, *args, **kwargs):
        """A body that is too large is refused before any of it is read."""
        if request.method == "POST":
            check_body_size(request, _most_bytes())
        super().initial(request, *args, **kwargs)

    def filter_queryset(self, queryset):
        """By status."""
        status = self.request.query_params.get("status", "")
        if status and status not in ImportJob.Status.values:
            raise serializers.ValidationError({"status": [f"This is none of {', '.join(ImportJob.Status.values)}."]})
        return queryset.filter(status=status) if status else queryset

    @extend_schema(
        operation_id="imports_create",
        summary="Import a file",
        description=(
            "A file as a form (`multipart/form-data`), with the options as its fields and none in the address; or JSON "
            "Lines as the body itself (`application/x-ndjson`), with the options as parameters of the address. The "
            "answer comes once the file is stored; a worker imports it. The same article sent twice is one article."
        ),
        parameters=[
            IDEMPOTENCY_KEY,
            *(
                OpenApiParameter(name, shape, description="Of a body that is JSON Lines.", examples=_EXAMPLES.get(name))
                for name, shape in (
                    ("name", {"type": "string", "maxLength": 300}), ("source", {"type": "string", "maxLength": 300}),
                    ("date", {"type": "string", "maxLength": 40}),
                    ("language", {"type": "string", "maxLength": 16, "pattern": f"^({_LANGUAGE})?$"}),
                    ("encoding", {"type": "string", "maxLength": 40}), ("format", {"type": "string", "enum": ["jsonl"]}),
                    ("day_first", bool), ("link", bool), ("use_ner", bool),
                    ("limit", {"type": "integer", "minimum": 1, "maximum": 10**9}),
                )
            ),
        ],
        request={"multipart/form-data": ImportUploadSerializer, "application/x-ndjson": OpenApiTypes.BINARY},
        responses={201: ImportSerializer, **POST_ERRORS},
        examples=[
            OpenApiExample(
                "a file and its outlet",
                value={"file": "wire.csv", "source": "Island Wire", "date": "2025-01-17", "columns": '{"text": "Body"}'},
                request_only=True,
                media_type="multipart/form-data",
            ),
            OpenApiExample(
                "two lines",
                value=(
                    '{"title": "Presidents meet", "text": "Masoud Pezeshkian was received in the Kremlin.", '
                    '"url": "https://news.example/presidents", "published_at": "2025-01-17"}\n'
                    '{"title": "Strike ends", "text": "The dockers went back to work.", "published_at": "2025-01-18"}\n'
                ),
                request_only=True,
                media_type="application/x-ndjson",
            ),
        ],
        tags=_TAGS,
    )  # fmt: skip
    def post(self, request):
        """Store the file and queue its import."""
        upload, label, options = self._received(request)
        is_kept = False

        def make():
            nonlocal is_kept
            job = ledger.create_job(options=options, upload=upload.name, label=label, by=request.user)
            is_kept = True
            found = self.get_queryset().get(pk=job.pk)
            location = reverse("api-import", args=[job.pk])
            return Response(self.get_serializer(found).data, status=201, headers={"Location": location})

        told = json.dumps([upload.digest, label, options.to_json()]).encode()
        try:
            return answer_once(request, hashlib.sha256(told).digest(), make)
        except BaseException:
            is_kept = False
            raise
        finally:
            if not is_kept:
                uploads.discard(upload.name)

    def _received(self, request) -> tuple[uploads.Upload, str, Options]:
        data = request.data
        if "stream" in data:
            asked = ImportRequestSerializer(data={"format": data["format"], **_said(request)})
            asked.is_valid(raise_exception=True)
            if asked.validated_data["format"] != data["format"]:
                raise serializers.ValidationError({"format": [f"The body is sent as {data['format']}."]})
            stream = data["stream"]
            chunks = iter(lambda: stream.read(_BLOCK), b"")
            given, name = asked.validated_data, f"body.{data['format']}"
        else:
            asked = ImportUploadSerializer(data=data)
            asked.is_valid(raise_exception=True)  # first: a body of no bytes is no form either, whatever it is called
            if said := _said(request):
                raise BadParameter(f"Of a form the options are fields, not parameters of the address: {min(said)}.")
            given = asked.validated_data
            chunks, name = given["file"].chunks(_BLOCK), given["file"].name
        if not given["format"] and not uploads.suffix_of(name):
            raise serializers.ValidationError(
                {"format": [f"The file's name tells none: {', '.join(sorted(READERS))}."]}
            )
        try:
            upload = uploads.store(chunks, name)
        except uploads.TooBig as error:
            raise TooLarge(str(error)) from error
        except uploads.Empty as error:
            raise serializers.ValidationError({"file": [str(error)]}) from error
        except OSError as error:
            if getattr(error, "errno", None) is None:  # the sender went away
                raise ParseError("The body breaks off.") from error
            raise
        return upload, (given["name"] or name)[:300], options_of(given)


def _said(request) -> dict[str, str]:
    """The parameters of the address, without empty ones."""
    return {name: value for name, value in request.query_params.items() if value}


def _most_bytes() -> int:
    return settings.IMPORT_MAX_BYTES + _ENVELOPE


@method_decorator(never_cache, name="dispatch")
@extend_schema_view(
    get=extend_schema(
        operation_id="imports_retrieve", summary="One import: how far it is",
        responses={200: ImportSerializer, **READ_ERRORS, 404: NOT_FOUND}, tags=_TAGS,
    )
)  # fmt: skip
class ImportDetail(RetrieveAPIView):
    """``GET /api/v1/imports/{id}/``."""

    access = {"GET": SEE}
    serializer_class = ImportSerializer
    queryset = ImportJob.objects.with_progress()


class _Step(GenericAPIView):
    access = {"POST": CHANGE}
    serializer_class = ImportSerializer
    queryset = ImportJob.objects.with_progress()

    def done(self, request, pk: int, do) -> Response:
        """Do it and show the job."""
        check_no_fields(request)
        get_object_or_404(ImportJob, pk=pk)
        try:
            do(pk)
        except ledger.JobError as error:
            raise Conflict(str(error)) from error
        return Response(self.get_serializer(self.get_queryset().get(pk=pk)).data)


_STEP_ANSWERS = {
    200: ImportSerializer, 401: UNAUTHENTICATED, 403: FORBIDDEN, 404: NOT_FOUND, 409: CONFLICT,
}  # fmt: skip


class CancelImport(_Step):
    """``POST /api/v1/imports/{id}/cancel/``."""

    @extend_schema(
        operation_id="imports_cancel", summary="Stop an import",
        description="What is stored stays. It can be resumed.", request=None, responses=_STEP_ANSWERS, tags=_TAGS,
    )  # fmt: skip
    def post(self, request, pk):
        """Stop it."""
        return self.done(request, pk, ledger.cancel)


class ResumeImport(_Step):
    """``POST /api/v1/imports/{id}/resume/``."""

    @extend_schema(
        operation_id="imports_resume", summary="Go on with an import that was cancelled or failed",
        description="What it has stored is not read again.", request=None, responses=_STEP_ANSWERS, tags=_TAGS,
    )  # fmt: skip
    def post(self, request, pk):
        """Leave it to the workers again."""
        return self.done(request, pk, lambda pk: ledger.resume(pk, for_workers=True))


@extend_schema_view(
    get=extend_schema(
        operation_id="imports_errors", summary="The rows an import refused",
        responses={200: ImportErrorSerializer(many=True), **READ_ERRORS, 404: NOT_FOUND}, tags=_TAGS,
    )
)  # fmt: skip
class ImportErrors(ListAPIView):
    """``GET /api/v1/imports/{id}/errors/``."""

    access = {"GET": SEE}
    serializer_class = ImportErrorSerializer
    pagination_class = Pages
    queryset = ImportRowError.objects.none()

    def get_queryset(self):
        """Of one job."""
        return ledger.refused_rows(get_object_or_404(ImportJob, pk=self.kwargs["pk"]))


class _ForDownloads(EscapingJSONRenderer):
    """Problems are JSON, whatever sort of file was asked for."""

    media_type = "*/*"


class _Download(GenericAPIView):
    access = {"GET": SEE}
    renderer_classes = [EscapingJSONRenderer, _ForDownloads]
    queryset = ImportJob.objects.all()

    def answer(self, pk: int, write, ending: str, content_type: str) -> StreamingHttpResponse:
        """The file, streamed."""
        job = get_object_or_404(ImportJob, pk=pk)
        name = f"import-{job.pk}-errors.{ending}"
        return StreamingHttpResponse(
            write(job), content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )


class ErrorsAsLines(_Download):
    """``GET /api/v1/imports/{id}/errors.jsonl``."""

    @extend_schema(
        operation_id="imports_errors_jsonl", summary="The refused rows as JSON Lines", tags=_TAGS,
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR, **READ_ERRORS, 404: NOT_FOUND},
    )  # fmt: skip
    def get(self, request, pk):
        """All of them."""
        return self.answer(pk, rejects.as_lines, "jsonl", "application/x-ndjson")


class ErrorsAsTable(_Download):
    """``GET /api/v1/imports/{id}/errors.csv``."""

    @extend_schema(
        operation_id="imports_errors_csv", summary="The refused rows as CSV, safe to open in a spreadsheet", tags=_TAGS,
        responses={(200, "text/csv"): OpenApiTypes.STR, **READ_ERRORS, 404: NOT_FOUND},
    )  # fmt: skip
    def get(self, request, pk):
        """All of them."""
        return self.answer(pk, rejects.as_csv, "csv", "text/csv; charset=utf-8")
