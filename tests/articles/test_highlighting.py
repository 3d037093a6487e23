"""Escaping, nesting, crossing, sentences, junk: what readers see of a text."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.highlighting import (
    MAX_SENTENCE_CHARS,
    Mark,
    covered,
    excerpts,
    from_word,
    highlight,
    nested,
    paragraphs,
    to_word,
    whole,
)


def text_of(markup: str) -> str:
    """The characters that a browser would show."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup.replace("<br>", "\n")))


def test_words_become_a_link_with_kind_status_and_anchor():
    marked = highlight("Putin spoke", [Mark(0, 5, kind="person", status="linked", id="m7", href="/records/x/")])
    assert marked == ('<span class="m m-person m-linked m-outer" id="m7"><a href="/records/x/">Putin</a></span> spoke')


def test_inner_mentions_keep_their_own_link_inside_the_outer_one():
    marks = [Mark(0, 21, kind="person", href="/p/"), Mark(4, 11, kind="state", href="/s/")]
    marked = highlight("the Russian president", marks)
    assert text_of(marked) == "the Russian president"
    assert marked.count('<a href="/p/">') == 2
    assert '<a href="/s/">Russian</a>' in marked
    assert marked.index("m-person") < marked.index("m-state")
    assert '<a href="/p/">the </a>' in marked


def test_crossing_mentions_are_cut_so_that_tags_nest():
    marked = highlight(
        "abcdef", [Mark(0, 4, kind="person", id="one", card="1"), Mark(2, 6, kind="state", id="two", card="2")]
    )
    assert text_of(marked.replace(">1<", "><").replace(">2<", "><")) == "abcdef"
    assert marked.count('id="two"') == 1, "an id stands once"
    assert marked.count(">2</span>") == 1, "a card stands once"


def test_newlines_of_a_text_are_kept():
    assert highlight("a\nb", []) == "a<br>b"


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "'-alert(1)-'",
        "</span></a><svg onload=alert(1)>",
        "&lt;script&gt;",
    ],
)
def test_article_text_never_becomes_markup(payload):
    text = f"x {payload} y"
    marks = [Mark(2, 2 + len(payload), kind="person", href=f"/?q={payload}", label=payload, id=payload)]
    for markup in (highlight(text, marks), highlight(text, []), whole(text, [], marks)[0].html):
        assert "<script" not in markup
        assert "<img" not in markup
        assert "<svg" not in markup
        assert text_of(markup) == text


@given(
    st.text(alphabet="ab<>&\"' \n", max_size=40),
    st.lists(st.tuples(st.integers(-3, 45), st.integers(-3, 45)), max_size=12),
)
def test_no_character_is_lost_doubled_or_left_unescaped_and_tags_balance(text, spans):
    marks = [Mark(max(0, start), end, kind="state", href="/x/") for start, end in spans]
    markup = highlight(text, marks)
    assert text_of(markup) == text
    stack = []
    for closing, name in re.findall(r"<(/?)(span|a)\b", markup):
        if closing:
            assert stack.pop() == name
        else:
            stack.append(name)
    assert not stack


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=15))
def test_nested_marks_never_cross(spans):
    found = nested([Mark(start, end) for start, end in spans])
    for one in found:
        for other in found:
            crossing = one.start < other.start < one.end < other.end
            assert not crossing
    covered_before = {at for start, end in spans for at in range(start, end)}
    assert {at for mark in found for at in range(mark.start, mark.end)} == covered_before


def test_paragraphs_stand_between_blank_lines():
    text = "one\ntwo\n\n  three \n\n\n"
    assert [text[start:end] for start, end in paragraphs(text, 0, len(text))] == ["one\ntwo", "three"]


def test_segments_are_cut_to_the_text_and_to_each_other():
    assert list(covered("0123456789", [(2, 6, "link_spam"), (4, 8, "share"), (9, 99, "body")])) == [
        (0, 2, "body"), (2, 6, "link_spam"), (6, 8, "share"), (8, 9, "body"), (9, 10, "body"),
    ]  # fmt: skip


def test_junk_is_shown_set_aside_named_and_without_marks():
    text = "Putin spoke.\n\nPutin casino"
    marks = [Mark(0, 5, kind="person"), Mark(14, 19, kind="person")]
    parts = whole(text, [(0, 12, "body"), (14, 26, "link_spam")], marks)
    assert [(part.is_junk, part.name) for part in parts] == [(False, "Text"), (True, "Link spam")]
    assert "m-person" in parts[0].html
    assert "m-person" not in parts[1].html


def test_a_segment_of_an_unknown_kind_is_junk_with_a_readable_name():
    [part] = whole("x", [(0, 1, "cookie_banner")], [])
    assert part.is_junk
    assert part.name == "Cookie banner"


def test_excerpts_hold_only_sentences_with_a_wanted_mention():
    text = "First one. Putin spoke of Iran. Nobody came.\n\nIran answered. The end."
    marks = [
        Mark(text.index("Putin"), text.index("Putin") + 5, kind="person"),
        Mark(text.index("Iran"), text.index("Iran") + 4, kind="state"),
        Mark(text.index("Iran answered"), text.index("Iran answered") + 4, kind="state"),
    ]
    parts = excerpts(text, [], marks)
    assert [text[part.start : part.end] for part in parts] == ["Putin spoke of Iran.", "Iran answered."]
    assert [part.follows_gap for part in parts] == [True, True]
    assert [part.continues for part in parts] == [False, False]
    assert [text[part.start : part.end] for part in excerpts(text, [], marks, limit=1)] == ["Putin spoke of Iran."]
    only_people = excerpts(text, [], marks, wanted=lambda mark: mark.kind == "person")
    assert len(only_people) == 1
    assert "m-state" in only_people[0].html, "the other mentions of a shown sentence are marked, too"


def test_sentences_of_one_paragraph_continue_each_other():
    text = "Iran spoke. Iran left.\nIran."
    marks = [Mark(0, 4), Mark(12, 16), Mark(23, 27)]
    assert [part.continues for part in excerpts(text, [], marks)] == [False, True, False]


def test_a_text_without_sentences_is_cut_around_its_mention():
    text = "x " * 5000 + "Iran" + " y" * 5000
    [part] = excerpts(text, [], [Mark(10_000, 10_004, kind="state")])
    assert part.end - part.start <= 2 * MAX_SENTENCE_CHARS
    assert "Iran" in text_of(part.html)


def test_a_long_text_with_many_mentions_is_quick():
    text = ("Iran met Oman. " * 20 + "\n\n") * 400
    marks = [Mark(at.start(), at.end(), kind="state") for at in re.finditer("Iran|Oman", text)]
    assert sum(part.html.count("m-state") for part in whole(text, [], marks)) == len(marks) == 16_000


def test_what_is_cut_is_cut_between_words():
    text = "pour l'instant il dort"
    assert [text[from_word(text, at) :] for at in (0, 2, 5, 9)] == [
        text,
        "l'instant il dort",
        "l'instant il dort",
        "il dort",
    ]
    assert [text[: to_word(text, at)] for at in (22, 20, 17, 13)] == [
        text,
        "pour l'instant il",
        "pour l'instant il",
        "pour",
    ]
    assert (from_word("中" * 200, 50), to_word("中" * 200, 50)) == (50, 50)
