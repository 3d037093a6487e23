"""Tokens in the admin: made there, their secret shown once, revoked there."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import display

from config.models import ApiToken, Scope


class TokenForm(forms.ModelForm):
    """A token's name, scopes and expiry."""

    scopes = forms.MultipleChoiceField(choices=Scope.choices, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = ApiToken
        fields = ["name", "owner", "scopes", "expires_at"]

    def clean_expires_at(self):
        """A token that never works helps nobody."""
        moment = self.cleaned_data["expires_at"]
        if moment is not None and moment <= timezone.now():
            raise forms.ValidationError("This is in the past.")
        return moment


def sees_all(user) -> bool:
    """Who may see, and revoke, other people's tokens."""
    return user.has_perm("config.change_apitoken")


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """Everybody's own tokens; an administrator revokes anybody's. Only a superuser makes one for somebody else."""

    form = TokenForm
    list_display = ["name", "owner", "beginning", "told_scopes", "state", "expires_at", "last_used_at"]
    list_select_related = ["owner"]
    search_fields = ["name", "owner__username", "prefix"]
    autocomplete_fields = ["owner"]
    actions = ["revoke"]
    readonly_fields = ["created_at", "last_used_at", "revoked_at"]

    class Media:
        js = ["refdesk/tokens.js"]

    def get_changeform_initial_data(self, request):
        """For oneself, unless another is chosen."""
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def get_queryset(self, request):
        """One's own, or all."""
        rows = super().get_queryset(request)
        return rows if sees_all(request.user) else rows.filter(owner=request.user)

    def get_fields(self, request, obj=None):
        """The owner is chosen by superusers alone: a token does whatever its owner may."""
        shown = ["name", "owner", "scopes", "expires_at"]
        if obj is not None:
            return [*shown, "created_at", "last_used_at", "revoked_at"]
        return shown if request.user.is_superuser else ["name", "scopes", "expires_at"]

    def has_change_permission(self, request, obj=None):
        """Never: a token's rights do not change under those who were told of them. Revoke it, make another."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Never: that it was there is worth knowing."""
        return False

    def save_model(self, request, obj, form, change):
        """Store a new token; its secret is told here and nowhere else."""
        if not request.user.is_superuser:
            obj.owner = request.user
        secret = obj.renew()
        super().save_model(request, obj, form, change)
        messages.warning(
            request,
            format_html(
                '<label for="new-token">The token of “{}”, shown this once and stored nowhere: take it now.</label> '
                '<span class="rd rd-token"><input id="new-token" type="text" value="{}" size="52" readonly data-token '
                'autocomplete="off" spellcheck="false"> <button type="button" class="rd-button" data-copy>Copy</button> '
                '<span role="status" data-copied></span></span>',
                obj.name, secret,
            ),
        )  # fmt: skip

    @admin.action(description="Revoke selected tokens", permissions=["view"])
    def revoke(self, request, queryset):
        """End their use for good."""
        count = queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
        messages.success(request, f"{count} token{'s' if count != 1 else ''} revoked.")

    @display(description="begins with")
    def beginning(self, token):
        """Tells tokens apart in a configuration."""
        return f"{token.prefix}…"

    @display(description="scopes")
    def told_scopes(self, token):
        """In words."""
        return ", ".join(token.scopes)

    @display(description="state", label={"active": "success", "expired": "warning", "revoked": "danger"})
    def state(self, token):
        """Whether it works."""
        return "revoked" if token.revoked_at else "expired" if token.is_expired else "active"
