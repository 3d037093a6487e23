"""What lists of articles can be narrowed by, on the page and in the API."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import Q

from articles.models import Article
from config.api import PARTIAL_DATE, TextFilter
from entities.models import Entity

_WORDS = 8  # of a search


class PartialDateFilter(TextFilter):
    """An ISO date or prefix."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 10)
        kwargs.setdefault("validators", [PARTIAL_DATE])
        super().__init__(*args, **kwargs)


class ArticleFilter(django_filters.FilterSet):
    """Articles by words of the title, outlet, language, date and record."""

    q = TextFilter(
        method="filter_words", max_length=200, label="Words", help_text="Every word must stand in the title or outlet."
    )
    source = TextFilter(lookup_expr="iexact", max_length=300, label="Outlet", help_text="The outlet's name, whole.")
    language = TextFilter(
        lookup_expr="iexact", max_length=16, label="Language", help_text="Code of the language, for example `en`."
    )
    since = PartialDateFilter(
        method="filter_since", label="From", help_text="Earliest date: `2024`, `2024-07` or `2024-07-29`."
    )
    until = PartialDateFilter(method="filter_until", label="To", help_text="Latest date, in the same forms.")
    record = TextFilter(
        method="filter_record", max_length=16, label="Record",
        help_text="Id of a record that the article must mention; a merged id stands for its survivor.",
    )  # fmt: skip

    class Meta:
        model = Article
        fields = ["q", "source", "language", "since", "until", "record"]

    def filter_words(self, queryset, name, value):
        """Every word in the title or the outlet's name."""
        for word in value.replace("\0", "").split()[:_WORDS]:
            queryset = queryset.filter(Q(title__icontains=word) | Q(source__icontains=word))
        return queryset

    def filter_since(self, queryset, name, value):
        """Published on the date or later."""
        return queryset.filter(published_on__gte=value)

    def filter_until(self, queryset, name, value):
        """Published on the date or earlier; undated articles are left out."""
        return queryset.exclude(published_on="").filter(published_on__lte=(value + "-99-99")[:10])

    def filter_record(self, queryset, name, value):
        """Mentioning the record, or the one it was merged into."""
        try:
            entity = Entity.objects.resolve(value)
        except Entity.DoesNotExist:
            return queryset.none()
        return queryset.mentioning(entity)


class ArticlePageFilter(ArticleFilter):
    """The same with the fields of a page."""

    since = PartialDateFilter(
        method="filter_since", label="From", widget=forms.TextInput(attrs={"placeholder": "2024-07", "size": 10})
    )
    until = PartialDateFilter(
        method="filter_until", label="To", widget=forms.TextInput(attrs={"placeholder": "2024-12", "size": 10})
    )

    class Meta(ArticleFilter.Meta):
        pass
