"""The page where users keep their searches and find the addresses of their feeds."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from articles import feeds
from articles.filters import ArticleFilter
from articles.models import Article, SavedSearch

MOST = 100  # of one user


class SearchForm(forms.ModelForm):
    """A search's name; what it looks for comes along, as the list of articles has it."""

    class Meta:
        model = SavedSearch
        fields = ["name"]

    def __init__(self, *args, query: dict, owner, **kwargs):
        super().__init__(*args, **kwargs)
        self.query, self.owner = query, owner

    def clean_name(self):
        """One name, one search."""
        name = self.cleaned_data["name"].replace("\0", "").strip()
        if not name:
            raise ValidationError("Give the search a name.")
        if SavedSearch.objects.filter(owner=self.owner, name=name).exists():
            raise ValidationError("You have a search of this name already.")
        return name

    def clean(self):
        """A search that looks for something, in words that the list understands."""
        if not self.query:
            raise ValidationError("The search looks for nothing: filter the list of articles first.")
        if not ArticleFilter(self.query, queryset=Article.objects.none()).form.is_valid():
            raise ValidationError("The search cannot be understood.")
        if SavedSearch.objects.filter(owner=self.owner).count() >= MOST:
            raise ValidationError(f"At most {MOST} searches are kept.")
        return super().clean()


def query_of(parameters: QueryDict) -> dict[str, str]:
    """The filters among the parameters of an address."""
    return {name: value for name in ArticleFilter.base_filters if (value := parameters.get(name, "").strip())}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def saved_searches(request):
    """One's searches, with the addresses of their feeds; a new one."""
    asked = QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET
    query = query_of(asked)
    form = SearchForm(request.POST or None, query=query, owner=request.user)
    if request.method == "POST" and form.is_valid():
        SavedSearch.objects.create(owner=request.user, name=form.cleaned_data["name"], query=query)
        messages.success(request, "Saved.")
        return HttpResponseRedirect(reverse("saved-searches"))
    kept = [
        (search, request.build_absolute_uri(feeds.feed_address(search)))
        for search in SavedSearch.objects.filter(owner=request.user)
    ]
    context = {"form": form, "searches": kept, "new": SavedSearch(query=query) if query else None}
    answer = render(request, "articles/searches.html", context, status=400 if form.errors else 200)
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@login_required
def revoke_search(request, pk):
    """A new address for a search's feed; the old one leads nowhere."""
    search = get_object_or_404(SavedSearch, pk=pk, owner=request.user)
    feeds.revoke(search)
    messages.success(request, f"The feed of “{search.name}” has a new address; the old one is void.")
    return HttpResponseRedirect(reverse("saved-searches"))


@require_POST
@login_required
def delete_search(request, pk):
    """Forget a search; its feed ends."""
    search = get_object_or_404(SavedSearch, pk=pk, owner=request.user)
    search.delete()
    messages.success(request, f"“{search.name}” is deleted, its feed ended.")
    return HttpResponseRedirect(reverse("saved-searches"))
