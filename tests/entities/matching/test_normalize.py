"""A whole text has the words that its parts have as names."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from entities.matching.normalize import name_key, words_of

printed = st.text(
    alphabet=st.one_of(
        st.sampled_from("aBc .,'’“”-–—\u00a0\n…éßЙй_1٣ا\u0301İ"), st.characters(blacklist_categories=("Cs",))
    ),
    max_size=60,
)


@settings(deadline=None)
@given(printed)
@example("“The U.S.’s ‘no’” – said Sana'a's man…")
@example("Côte d’Ivoire, “the coast”")
def test_the_words_of_a_text_are_those_of_its_key(text):
    assert words_of(text) == frozenset(name_key(text).split())
