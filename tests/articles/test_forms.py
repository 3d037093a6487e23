"""The further forms by which a text may name a person or an agreement."""

import pytest

from articles.resolution.forms import abroad, familiar, heads, sorts, venues


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Brioni Agreement", ["Brioni"]), ("Treaty of Osimo", ["Osimo"]), ("Gbadolite declaration", ["Gbadolite"]),
        ("Esquipulas Peace Agreement", ["Esquipulas"]), ("Camp David Accords", ["Camp David"]),
        ("Brasilia Presidential Act", ["Brasilia"]), ("Treaty of Friendship", []), ("Kyoto", []),
    ],
)  # fmt: skip
def test_the_place_that_an_agreement_is_called_by(name, called):
    assert venues(name) == called


@pytest.mark.parametrize(
    ("name", "form", "is_one"),
    [
        ("Treaty of Osimo", "Osimo treaty", True), ("Treaty of Osimo", "pact of Osimo", True),
        ("Brasilia Presidential Act", "Presidential Act of Brasilia", True), ("Minsk Protocol", "protocol of Minsk", True),
        ("Moscow Treaty", "Treaty of Moscow", True), ("Camp David Accords", "David Accords of Camp", False),
        ("Good Friday Agreement", "Friday Agreement of Good", False), ("Sapoa Agreement", "Sapoa accord", True),
    ],
)  # fmt: skip
def test_an_agreement_with_its_place_at_the_other_end(name, form, is_one):
    assert (form in sorts(name)) is is_one


@pytest.mark.parametrize(
    ("name", "form", "is_one"),
    [
        ("Lusaka Protocol", "Lusaka accord", True), ("Budapest Memorandum", "Budapest agreement", True),
        ("Kyoto Protocol", "Kyoto treaty", True), ("Minsk Ceasefire Agreement", "Minsk truce", True),
        ("Montreal Protocol", "Montreal truce", False),
    ],
)  # fmt: skip
def test_an_agreement_by_another_word_of_its_sort(name, form, is_one):
    assert (form in sorts(name)) is is_one


@pytest.mark.parametrize(
    ("name", "form", "is_one"),
    [
        ("Cotonou Agreement", "accord de Cotonou", True), ("Abuja Accords", "accords d’Abuja", True),
        ("Treaty of Osimo", "trattato di Osimo", True), ("Minsk Protocol", "Protokoll von Minsk", True),
        ("Camp David Accords", "accords de Camp David", False), ("Convention on the Law of the Sea", "convention de Law", False),
    ],
)  # fmt: skip
def test_an_agreement_as_other_languages_say_it(name, form, is_one):
    assert (form in abroad(name)) is is_one


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Treaty of Amity and Cooperation in Southeast Asia", ["Treaty of Amity and Cooperation"]),
        (
            "1995 General Framework Agreement for Peace",
            ["General Framework Agreement for Peace", "General Framework Agreement"],
        ),
        ("Convention on the Law of the Sea", []),
    ],
)
def test_a_title_without_what_it_is_about(name, found):
    assert heads(name) == found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("James Baker", {"Jim Baker"}),
        ("James Addison Baker", set()),  # more than a given and a family name
        ("Leonid Brezhnev", set()),
        ("Jim Baker", set()),  # what is short already
        ("James baker", set()),
    ],
)
def test_a_given_name_as_friends_have_it(name, expected):
    assert set(familiar(name)) == expected


@pytest.mark.parametrize(
    ("title", "form"),
    [
        ("Rome General Peace Accords", "General Peace Accords"),
        ("Treaty of Peace and Friendship of 1984 between Chile and Argentina", "Treaty of Peace and Friendship"),
        ("Declaration of Principles on the Grand Ethiopian Renaissance Dam", "Declaration of Principles"),
    ],
)
def test_a_title_without_its_place_year_or_subject(title, form):
    assert form in heads(title)


def test_a_place_of_two_words_is_no_sort():
    assert "David Accords" not in heads("Camp David Accords")
