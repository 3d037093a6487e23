"""The admin of articles: lists, the page where links are read and set right, unknown names."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Substr
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import get_template
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, TextFilter
from unfold.decorators import display

from articles import (  # noqa: F401 the admin finds the imports' pages through this module
    import_pages,
    reading,
    review,
    takedown,
)
from articles.curation.decisions import note_of
from articles.explaining import explain
from articles.highlighting import Mark, excerpts
from articles.models import Article, ArticleTakedown, Link, Mention, NilGroup
from articles.serializers import evidence_of
from entities.admin import DeskAdmin, EntityAdmin, Panel, ReadOnlyAdmin, opening, record_link
from entities.matching.dates import partial_date
from entities.matching.types import Outcome
from entities.models import Entity
from entities.reading import KIND_NAMES, language_name
from entities.search import MAX_QUERY_CHARS, search

_RUNNERS = 3
_CHOICES = 12
_HISTORY = 20
_REMEMBERED = 50  # decisions beside articles that a session can take back
_AT_ONCE = 100  # articles taken down in one step


def coverage_panel(request, entity) -> Panel:
    """On a record's page: the articles that mention it."""
    return Panel("admin/articles/coverage.html", {"coverage": reading.coverage_of(entity), "entity": entity})


EntityAdmin.panels.append(coverage_panel)


# --- Lists of articles -----------------------------------------------------------------------------------------------
class SourceFilter(TextFilter):
    """Articles of an outlet."""

    title = "outlet"
    parameter_name = "source"

    def queryset(self, request, queryset):
        """By part of its name."""
        return queryset.filter(source__icontains=self.value()) if self.value() else queryset


class LanguageFilter(DropdownFilter):
    """Articles in one language."""

    title = "language"
    parameter_name = "language"

    def lookups(self, request, model_admin):
        """Those in use, in one query."""
        used = Article.objects.exclude(language="").order_by("language").values_list("language", flat=True).distinct()
        return [(code, language_name(code)) for code in used[:100]]

    def queryset(self, request, queryset):
        """By code."""
        return queryset.filter(language=self.value()) if self.value() else queryset


class YearFilter(DropdownFilter):
    """Articles of one year."""

    title = "year"
    parameter_name = "year"

    def lookups(self, request, model_admin):
        """Years that have articles, the latest first, in one query."""
        years = Article.objects.exclude(published_on="").annotate(year=Substr("published_on", 1, 4))
        found = years.order_by("-year").values_list("year", flat=True).distinct()[:200]
        return [(year, year) for year in found] + [("none", "no date")]

    def queryset(self, request, queryset):
        """By the beginning of the date."""
        if self.value() == "none":
            return queryset.filter(published_on="")
        return queryset.filter(published_on__startswith=self.value()) if self.value() else queryset


class MonthFilter(DropdownFilter):
    """Articles of one month of any year, or of the year chosen beside it."""

    title = "month"
    parameter_name = "month"

    def lookups(self, request, model_admin):
        """Twelve."""
        return [(f"{month:02d}", partial_date(f"2000-{month:02d}").split()[0]) for month in range(1, 13)]

    def queryset(self, request, queryset):
        """By the middle of the date."""
        value = self.value() or ""
        if not (value.isdigit() and len(value) == 2):
            return queryset
        return queryset.annotate(shown_month=Substr("published_on", 6, 2)).filter(shown_month=value)


class LinkedFilter(DropdownFilter):
    """Whether the engine has read an article."""

    title = "whether linked"
    parameter_name = "linked"

    def lookups(self, request, model_admin):
        """And what its links are like."""
        return [("yes", "Linked"), ("no", "Waiting"), ("doubt", "With doubtful links"), ("down", "Taken down")]

    def queryset(self, request, queryset):
        """Articles that were taken down are shown only when asked for."""
        value = self.value()
        if value == "down":
            return queryset.exclude(withdrawn_at=None)
        queryset = queryset.visible()
        if value == "yes":
            return queryset.exclude(linked_at=None)
        if value == "no":
            return queryset.filter(linked_at=None)
        if value == "doubt":
            doubts = Link.objects.live().filter(status=Outcome.REVIEW)
            return queryset.filter(pk__in=doubts.values("mention__article_id"))
        return queryset


class RecordFilter(TextFilter):
    """Articles that mention a record."""

    title = "record's id"
    parameter_name = "record"

    def queryset(self, request, queryset):
        """By public id; a merged one stands for its survivor."""
        if not self.value():
            return queryset
        try:
            return queryset.mentioning(Entity.objects.resolve(self.value().strip()))
        except Entity.DoesNotExist:
            return queryset.none()


@admin.register(Article)
class ArticleAdmin(DeskAdmin):
    """Articles. What came in is not edited: its page is for reading and for setting links right."""

    list_display = ["shown_title", "shown_date", "source", "shown_language", "shown_linked", "similar_to"]
    list_filter = [LinkedFilter, YearFilter, MonthFilter, LanguageFilter, SourceFilter, RecordFilter]
    list_select_related = ["similar_to"]
    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False
    search_fields = ["title", "source", "=public_id", "=external_id", "=url"]
    search_help_text = "Words of the title or outlet, an id, an address"
    ordering = ["-published_on", "-pk"]
    actions = ["take_down"]

    @display(description="Title", ordering="title")
    def shown_title(self, article):
        """The title in its own direction."""
        return format_html("<bdi>{}</bdi>", article.title or "Untitled article")

    @display(description="Date", ordering="published_on")
    def shown_date(self, article):
        """As far as it is known."""
        return partial_date(article.published_on) or "–"

    @display(description="Language", ordering="language")
    def shown_language(self, article):
        """By name."""
        return language_name(article.language) if article.language else ""

    @display(description="Linked", boolean=True, ordering="linked_at")
    def shown_linked(self, article):
        """Whether the engine has read it."""
        return article.linked_at is not None

    def get_queryset(self, request):
        """Without the texts."""
        return super().get_queryset(request).without_text()

    def has_add_permission(self, request):
        """Articles come through imports."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Articles are taken down, so that no import brings them back."""
        return False

    @admin.action(description="Take down for good…", permissions=["take_down"])
    def take_down(self, request, queryset):
        """Hand over: what goes along, and why, is said on a page of its own."""
        ids = ",".join(str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
        return HttpResponseRedirect(f"{reverse('admin:articles_takedown')}?ids={ids}")

    def has_take_down_permission(self, request):
        """Taking down has its own permission."""
        return takedown.may_take_down(request.user)

    def take_down_view(self, request):
        """The articles that go, those that say nearly the same, and why: nothing happens before this is sent."""
        if not takedown.may_take_down(request.user):
            raise PermissionDenied
        asked = request.POST.getlist("ids") if request.method == "POST" else request.GET.get("ids", "").split(",")
        chosen = list(Article.objects.filter(pk__in=[_number(one) for one in asked[:_AT_ONCE]]).order_by("pk"))
        reason = request.POST.get("reason", "").replace("\0", "").strip()
        refusal = ""
        if request.method == "POST":
            try:
                done = takedown.take_down(chosen, actor=request.user, reason=reason)
                messages.success(request, f"{len(done)} taken down for good.")
                return HttpResponseRedirect(reverse("admin:articles_article_changelist"))
            except takedown.TakedownError as error:
                refusal = str(error)
        similar = {one.pk: one for article in chosen for one in takedown.similar_articles(article)}
        context = {
            **self.admin_site.each_context(request),
            "title": "Take articles down for good",
            "articles": chosen,
            "similar": [one for pk, one in sorted(similar.items()) if pk not in {article.pk for article in chosen}],
            "reason": reason,
            "refusal": refusal,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/articles/article/takedown.html", context)

    def get_urls(self):
        """The page's own form."""
        decide, undo = (self.admin_site.admin_view(require_POST(one)) for one in (self.decide_view, self.undo_view))
        return [
            path("mention/<int:pk>/decide/", decide, name="articles_mention_decide"),
            path("<int:pk>/undo/", undo, name="articles_article_undo"),
            path("takedown/", self.admin_site.admin_view(self.take_down_view), name="articles_takedown"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """An article with its mentions; one of them, ``?mention=``, open beside the text."""
        article = get_object_or_404(Article.objects.select_related("similar_to"), pk=_number(object_id))
        if not self.has_view_permission(request, article):
            raise PermissionDenied
        opened = None
        if request.GET.get("mention"):
            opened = self._opened(request, article, _number(request.GET["mention"]))
        if request.GET.get("fragment"):
            if opened is None:
                return TemplateResponse(request, "admin/articles/article/gone.html", status=404)
            return TemplateResponse(request, "admin/articles/article/mention.html", opened)
        mentions = list(article.mentions.with_live_link().with_candidates().order_by("start", "-end"))
        card = get_template("admin/articles/article/card.html")
        marks = reading.marks_of(
            mentions,
            card=lambda mention, link: card.render({"link": link, "runners": _runners(mention, link)}),
            href=lambda mention, link: f"?mention={mention.pk}#m{mention.pk}",
        )
        headline, parts = reading.headline_of(article, reading.parts_of(article, marks, full=True))
        context = {
            **self.admin_site.each_context(request),
            "title": str(article),
            "opts": self.opts,
            "article": article,
            "headline": headline,
            "parts": parts,
            "records": reading.records_in(mentions),
            "revisions": list(article.revisions.defer("text").order_by("-number")[:20]),
            "similar": list(article.similar.visible().without_text().order_by("pk")[:20]),
            "can_undo": any(one["article"] == article.pk for one in _remembered(request)),
            **(opened or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/articles/article/reading.html", context)

    def _opened(self, request, article: Article, pk: int) -> dict | None:
        mention = article.mentions.with_live_link().with_candidates().filter(pk=pk).first()
        if mention is None:
            return None
        link = reading.live_link(mention)
        q = request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY_CHARS]
        why = Entity.objects.filter(public_id=request.GET.get("why", "")).first()
        past = mention.links.exclude(superseded_at=None).select_related("entity", "actor").order_by("-pk")
        return {
            "mention": mention,
            "link": link,
            "evidence": evidence_of(link.evidence) if link is not None else [],
            "chain": article.mentions.filter(chain=mention.chain).count(),
            "candidates": list(mention.candidates.all())[:_CHOICES],
            "q": q,
            "hits": search(q, on=article.published_on, limit=_CHOICES) if q else [],
            "explained": explain(mention, why) if why is not None else None,
            "history": list(past[:_HISTORY]),
            "may_decide": request.user.has_perm("articles.change_link"),
            "note": request.session.get("decided notes", {}).get(str(mention.pk), ""),
        }

    def decide_view(self, request, pk):
        """A person's decision about a mention, or its chain."""
        if not request.user.has_perm("articles.change_link"):
            raise PermissionDenied
        mention = get_object_or_404(Mention, pk=pk)
        back = f"{reverse('admin:articles_article_change', args=[mention.article_id])}?mention={pk}#m{pk}"
        stood = dict(Link.objects.live().filter(mention__article=mention.article_id).values_list("mention_id", "pk"))
        try:
            decided = _decide(mention, request)
        except review.ReviewError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(back)
        count = len(decided.links)
        more = f" ({count} mentions)." if count > 1 else "."
        if decided.left_alone:
            more += f" {decided.left_alone} of the chain stay as people decided them before."
        messages.success(request, format_html("{}{}", _decided_in_words(decided, mention), more))
        done = {
            "article": mention.article_id, "mention": pk,
            "links": {str(link.mention_id): link.pk for link in decided.links},
            "before": [stood[link.mention_id] for link in decided.links if link.mention_id in stood],
            "taken_up": request.POST.get("action") == "reopen", "note": note_of(request.POST),
        }  # fmt: skip
        request.session["decided"] = [*_remembered(request), done][-_REMEMBERED:]
        request.session["decided notes"] = {}
        return HttpResponseRedirect(back)

    def undo_view(self, request, pk):
        """Take back the last decision of this session about the article's mentions, and the one before it, and so on."""
        if not request.user.has_perm("articles.change_link"):
            raise PermissionDenied
        remembered = _remembered(request)
        last = next((one for one in reversed(remembered) if one["article"] == pk), None)
        back = reverse("admin:articles_article_change", args=[pk])
        if last is None:
            messages.warning(request, "There is nothing to take back.")
            return HttpResponseRedirect(back)
        remembered.remove(last)
        request.session["decided"] = remembered
        links = list(Link.objects.filter(pk__in=last["links"].values()))
        try:
            again = review.take_back_all(
                links, request.user, lenient=len(links) > 1, taken_up=last["taken_up"], before=last["before"]
            )
        except review.ReviewError as error:
            messages.error(request, str(error))
        else:
            words = again[0].mention.surface
            said = f"Taken back: “{words}” is as it was before."
            if len(again) > 1:
                said = f"Taken back: {len(again)} mentions of “{words}” are as they were before."
            if len(again) < len(links):
                said += f" {len(links) - len(again)} were decided anew since, and stay."
            messages.success(request, said)
            # What stands again is a row of its own: an earlier decision about it is taken back by that row next.
            for link in again:
                earlier = (one for one in reversed(remembered) if str(link.mention_id) in one["links"])
                if (one := next(earlier, None)) is not None:
                    one["links"][str(link.mention_id)] = link.pk
            request.session["decided"] = remembered
            request.session["decided notes"] = {str(last["mention"]): last["note"]}
        return HttpResponseRedirect(f"{back}?mention={last['mention']}#m{last['mention']}")


@admin.register(ArticleTakedown)
class ArticleTakedownAdmin(ReadOnlyAdmin):
    """Articles that were taken down: when, by whom and why."""

    list_display = ["made_at", "shown_article", "actor", "reason", "lifted_at", "shown_page"]
    list_select_related = ["article", "actor"]
    search_fields = ["reason", "=article__public_id"]
    exclude = ["words", "sketch"]
    show_full_result_count = False

    @display(description="Article")
    def shown_article(self, done):
        """Its id: nothing else is left."""
        return format_html("<code>{}</code>", done.article.public_id)

    @display(description="")
    def shown_page(self, done):
        """The way to its lifting."""
        words = "Lifted" if done.lifted_at else "Lift…"
        address = reverse("admin:articles_takedown_lift", args=[done.pk])
        return opening(address, words)

    def get_urls(self):
        """The page for lifting."""
        lift = self.admin_site.admin_view(self.lift_view)
        return [path("<int:pk>/lift/", lift, name="articles_takedown_lift"), *super().get_urls()]

    def lift_view(self, request, pk):
        """Let an article be imported again, with a reason."""
        if not takedown.may_take_down(request.user):
            raise PermissionDenied
        done = get_object_or_404(ArticleTakedown.objects.select_related("article", "actor", "lifted_by"), pk=pk)
        if request.method == "POST":
            takedown.lift(done, actor=request.user, reason=request.POST.get("reason", "").replace("\0", ""))
            messages.success(request, "Lifted: the next import may bring it again.")
            return HttpResponseRedirect(reverse("admin:articles_articletakedown_changelist"))
        context = {**self.admin_site.each_context(request), "title": "Lift a takedown", "takedown": done}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/articles/article/lift.html", context)


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else 0


def _runners(mention: Mention, link: Link | None) -> list:
    linked = link.entity_id if link is not None else None
    return [candidate for candidate in mention.candidates.all() if candidate.entity_id != linked][:_RUNNERS]


def _remembered(request) -> list[dict]:
    """The decisions that this session can take back; what another version of the program left there is dropped."""
    needed = {"article", "mention", "links", "before", "taken_up", "note"}
    return [one for one in request.session.get("decided", ()) if isinstance(one, dict) and needed <= one.keys()]


def _decided_in_words(decided: review.Decided, mention: Mention) -> str:
    """What was decided; the record is a link."""
    link = decided.links[0]
    if link.is_unsure:
        return f"“{mention.surface}” is set aside as unsure"
    if link.status == Outcome.REVIEW:
        return f"“{mention.surface}” waits in the queue again"
    if link.entity_id is None:
        return f"“{mention.surface}”: no record is meant"
    return format_html("“{}” is linked to ‹{}›", mention.surface, record_link(link.entity))


def _decide(mention: Mention, request) -> review.Decided:
    """What the form asks for; raises ReviewError where it cannot be done."""
    data, actor = request.POST, request.user
    note = note_of(request.POST)
    scope = review.Scope.CHAIN if data.get("scope") == "chain" else review.Scope.MENTION
    if data.get("entity"):
        entity = Entity.objects.filter(pk=_number(data["entity"])).first()
        if entity is None:
            raise review.ReviewError("There is no such record.")
        return review.link_to(mention, entity, actor, note, scope)
    action = data.get("action")
    if action == "nil":
        return review.mark_nil(mention, actor, note, scope)
    link = Link.objects.filter(pk=_number(data.get("link", "")), mention=mention).select_related("entity").first()
    if link is None:
        raise review.ReviewError("Somebody else decided about this mention in the meantime; look at it again.")
    if action == "unsure":
        return review.mark_unsure(mention, actor, note, scope)
    if action == "reopen":
        return review.Decided([review.take_up(link, actor)])
    if action == "accept":
        return review.accept(link, actor, note, scope)
    if action == "reject":
        return review.reject(mention, actor, note, scope)
    raise review.ReviewError("Choose what to do with the mention.")


# --- Decisions -------------------------------------------------------------------------------------------------------
class StandingFilter(DropdownFilter):
    """Decisions that stand, unless asked otherwise."""

    title = "standing"
    parameter_name = "standing"
    all_option = ["", "Those that stand"]

    def lookups(self, request, model_admin):
        """The rest, or people's alone."""
        return [("people", "By people"), ("unsure", "Set aside as unsure"), ("all", "With superseded ones")]

    def queryset(self, request, queryset):
        """Live ones by default."""
        if self.value() == "people":
            return queryset.live().exclude(actor=None).exclude(status=Outcome.REVIEW)
        if self.value() == "unsure":
            return queryset.set_aside()
        return queryset if self.value() == "all" else queryset.live()


@admin.register(Link)
class LinkAdmin(ReadOnlyAdmin):
    """Decisions about mentions; each leads to its place in the article."""

    list_display = ["shown_surface", "shown_status", "shown_record", "shown_probability", "shown_article", "shown_by"]
    list_display_links = None
    list_filter = [("status", ChoicesDropdownFilter), StandingFilter, ("entity__kind", ChoicesDropdownFilter)]
    list_select_related = ["mention__article", "entity", "actor"]
    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False
    search_fields = ["mention__surface", "entity__name"]
    ordering = ["-priority", "pk"]

    def get_queryset(self, request):
        """Without the articles' texts."""
        return super().get_queryset(request).defer("mention__article__text", "mention__article__segments")

    @display(description="Mention")
    def shown_surface(self, link):
        """The words, leading to their place."""
        address = reverse("admin:articles_article_change", args=[link.mention.article_id])
        return format_html(
            '<a class="rd-link" href="{}?mention={}#m{}"><bdi>{}</bdi></a>',
            address, link.mention_id, link.mention_id, link.mention.surface,
        )  # fmt: skip

    @display(description="Status", label={"linked": "success", "review": "warning", "nil": "info"})
    def shown_status(self, link):
        """Linked, review or nil."""
        return link.status

    @display(description="Record")
    def shown_record(self, link):
        """The record, or the best candidate."""
        return record_link(link.entity)

    @display(description="Probability", ordering="probability")
    def shown_probability(self, link):
        """In per cent."""
        return f"{100 * link.probability:.0f} %"

    @display(description="Article")
    def shown_article(self, link):
        """Where the mention stands."""
        return format_html("<bdi>{}</bdi>", str(link.mention.article)[:90])

    @display(description="By")
    def shown_by(self, link):
        """A person or the engine."""
        return link.actor or "the engine"


# --- Unknown names ---------------------------------------------------------------------------------------------------
@admin.register(NilGroup)
class NilGroupAdmin(ReadOnlyAdmin):
    """Names the catalogue does not know, those in most articles first."""

    list_display = ["shown_name", "shown_kind", "article_count", "mention_count", "status"]
    list_filter = [("status", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter)]
    search_fields = ["name", "key"]
    list_per_page = 50
    show_full_result_count = False
    fields = ["key", "decided_by", "decided_at", "reason"]
    actions = ["reject_groups", "reopen_groups"]
    change_form_template = "admin/articles/nilgroup/change_form.html"

    class Media:
        css = {"all": ["refdesk/mentions.css"]}

    @display(description="Name", ordering="name")
    def shown_name(self, group):
        """In its own direction."""
        return format_html("<bdi>{}</bdi>", group.name)

    @display(description="Probably", ordering="kind")
    def shown_kind(self, group):
        """The guessed kind."""
        return KIND_NAMES.get(group.kind, "") if group.kind else ""

    def changelist_view(self, request, extra_context=None):
        """Under the name that the menu has for it."""
        return super().changelist_view(request, {"title": "All unknown names", **(extra_context or {})})

    def has_decide_permission(self, request):
        """Whoever may change groups may set them aside."""
        return request.user.has_perm("articles.change_nilgroup")

    @admin.action(description="Reject: no record is wanted", permissions=["decide"])
    def reject_groups(self, request, queryset):
        """Remembered: the name is not proposed again."""
        changed = queryset.filter(status=NilGroup.Status.OPEN).update(
            status=NilGroup.Status.REJECTED, decided_by=request.user, decided_at=timezone.now()
        )
        self.message_user(request, f"{changed} rejected.")

    @admin.action(description="Open again", permissions=["decide"])
    def reopen_groups(self, request, queryset):
        """Undo of a rejection."""
        changed = queryset.filter(status=NilGroup.Status.REJECTED).update(
            status=NilGroup.Status.OPEN, decided_by=None, decided_at=None
        )
        self.message_user(request, f"{changed} opened again.")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The name in its sentences, and the records it may be a spelling of."""
        group = self.get_object(request, object_id)
        extra = dict(extra_context or {})
        if group is not None and self.has_view_permission(request, group):
            mentions = group.mentions.filter(article__withdrawn_at=None).select_related("article")
            extra |= {
                "group": group,
                "appearances": _places(mentions.order_by("-article__published_on", "article_id", "start")[:40]),
                "hits": search(group.name, kinds=[group.kind] if group.kind else (), limit=8),
                "may_create": request.user.has_perm("entities.add_entity"),
            }
        return super().change_view(request, object_id, form_url, extra)


def _places(mentions) -> list[dict]:
    """The articles of a group's mentions, each with its first sentences."""
    by_article: dict[int, list[Mention]] = {}
    for mention in mentions:
        by_article.setdefault(mention.article_id, []).append(mention)
    places = []
    for found in list(by_article.values())[:10]:
        article = found[0].article
        marks = [Mark(mention.start, mention.end, is_plain=True) for mention in found]
        parts = reading.safe(excerpts(article.text, article.segments, marks, limit=2))
        places.append({"article": article, "mention": found[0].pk, "parts": parts})
    return places
