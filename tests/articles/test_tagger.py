"""The tagger on texts that would take it for ever."""

import pytest
from django.conf import settings

from articles.detection.ner import load_tagger


def test_runs_of_punctuation_are_not_read_and_move_nothing():
    tagger = load_tagger(settings.NER_MODELS["en"])
    if tagger is None:
        pytest.skip("the tagger's model is not installed")
    noise = "([{" * 5_000  # read as it stands, minutes
    text = f"Angela Merkel spoke. {noise} Jacques Chirac listened."
    [found] = tagger.tag([text])
    names = {text[one.start : one.end] for one in found}
    assert {"Angela Merkel", "Jacques Chirac"} <= names
    assert not any("(" in name for name in names)
