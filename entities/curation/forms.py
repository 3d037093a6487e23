"""Forms of the curators' pages."""

from django import forms

from config.api import PARTIAL_DATE
from entities.matching.types import Kind
from entities.reading import KIND_NAMES


class NewRecordForm(forms.Form):
    """The record that a split makes."""

    name = forms.CharField(
        max_length=500, error_messages={"required": "Name the new record, or search for one that is there already."}
    )
    kind = forms.ChoiceField(choices=[(kind.value, KIND_NAMES[kind]) for kind in Kind])
    description = forms.CharField(max_length=1000, required=False)
    valid_from = forms.CharField(max_length=10, required=False, validators=[PARTIAL_DATE], label="Beginning")
    valid_to = forms.CharField(max_length=10, required=False, validators=[PARTIAL_DATE], label="End")
