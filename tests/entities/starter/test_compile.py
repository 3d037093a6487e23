"""Reading the hand-written tables, and making gathered terms comparable."""

import pytest

from entities.starter.compile import compact, read_groups
from entities.starter.people import (
    Person,
    clean_name,
    clean_title,
    close_overlaps,
    compile_people,
    merge_doubles,
    name_sameness,
    office,
)
from entities.starter.tables import TableError, parse_alias, parse_span, plain, rows, slug

IRAN = {"iran", "the islamic republic of iran", "republic", "the republic"}


@pytest.mark.parametrize(
    ("text", "alias"),
    [
        ("A=UN", {"name": "UN", "lang": "en", "type": "acronym"}),
        ("A=fr:OTAN", {"name": "OTAN", "lang": "fr", "type": "acronym"}),
        ("S=the Court?", {"name": "the Court", "lang": "en", "type": "short", "quality": "weak"}),
        ("F=Zaire @1971-10-27..1997", {"name": "Zaire", "lang": "en", "type": "former",
                                       "valid_from": "1971-10-27", "valid_to": "1997"}),
        ("F=Ceylon @..1972", {"name": "Ceylon", "lang": "en", "type": "former", "valid_to": "1972"}),
        ("ru:Кремль", {"name": "Кремль", "lang": "ru", "type": "native"}),
        ("习近平", {"name": "习近平", "type": "native"}),
        ("fr:Kremlin", {"name": "Kremlin", "lang": "fr"}),
        ("Bibi Netanyahu", {"name": "Bibi Netanyahu", "lang": "en"}),
    ],
)  # fmt: skip
def test_parse_alias(text, alias):
    assert parse_alias(text) == alias


@pytest.mark.parametrize("text", ["May 1990", "19900..1991", "1990-1", "1990..x"])
def test_a_span_that_is_no_date_is_refused(text):
    with pytest.raises(TableError):
        parse_span(text)


def test_a_line_with_too_many_fields_is_refused_with_its_place(tmp_path):
    table = tmp_path / "states.txt"
    table.write_text("# heading\n\nIRN | Iran | Tehran | more\n", encoding="utf-8")
    with pytest.raises(TableError, match="states.txt:3"):
        list(rows(table, 3))


def test_short_lines_are_filled_and_comments_skipped(tmp_path):
    table = tmp_path / "t.txt"
    table.write_text("# no\nIRN | Iran |\n", encoding="utf-8")
    assert list(rows(table, 4)) == [("t.txt:2", ["IRN", "Iran", "", ""])]


@pytest.mark.parametrize(
    ("name", "key"),
    [("Lech Wałęsa", "lech-walesa"), ("Côte d'Ivoire", "cote-divoire"), ("İsmail Cem", "ismail-cem"),
     ("Đuro Macut", "duro-macut"), ("Ørsted", "orsted")],
)  # fmt: skip
def test_slug(name, key):
    assert slug(name) == key


@pytest.mark.parametrize(
    ("title", "held"),
    [
        ("President of Iran", "president"), ("President", "president"), ("Interim President", "president"),
        ("President of the Senate", None), ("Vice President", None), ("President of the Central Bank", None),
        ("Prime Minister of Iran", "prime minister"), ("Deputy Prime Minister", None),
        ("Prime Minister of Republika Srpska", None), ("Head of government", "prime minister"),
        ("Minister for Foreign Affairs", "foreign minister"), ("Minister of External Affairs", "foreign minister"),
        ("Deputy Minister of Foreign Affairs", None), ("Minister of Foreign Trade", None), ("King", "monarch"),
        ("Supreme Leader of Iran", "supreme leader"),
    ],
)  # fmt: skip
def test_office(title, held):
    assert office(title, IRAN) == held


@pytest.mark.parametrize(
    ("title", "code", "clean"),
    [
        ("Prime Minister of Iran", "IRN", "Prime Minister"), ("Head of government", "DEU", "Chancellor"),
        ("President (transition)", "NER", "Acting President"),
        ("Minister for Foreign Affairs", "GBR", "Foreign Secretary"),
        ("Vice President of Iran", "IRN", "Vice President"), ("minister of health", "IRN", "Minister of health"),
    ],
)  # fmt: skip
def test_clean_title(title, code, clean):
    assert clean_title(title, code, IRAN) == clean


@pytest.mark.parametrize(
    ("name", "clean"),
    [("President Ilham Aliyev", "Ilham Aliyev"), ("Sr. Gen. Min Aung Hlaing", "Min Aung Hlaing"),
     ("Iajuddin Ahmed (interim)", "Iajuddin Ahmed"), ("King Hussein", "King Hussein"),
     ("Sheikh Hasina", "Sheikh Hasina")],
)  # fmt: skip
def test_clean_name(name, clean):
    assert clean_name(name) == clean


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Bashar al-Asad", "Bashar al-Assad", True), ("Muhammad Mustafa Miru", "Muhammad Mustafa Mero", False),
        ("Angela Merkel", "Angela Merkel", True), ("Ferdinand Marcos", "Imelda Marcos", False),
        ("Kim Jong Il", "Kim Il Sung", False), ("Xi", "Xi Jinping", False),
    ],
)  # fmt: skip
def test_names_alone_join_people_only_when_nearly_equal(a, b, same):
    assert (name_sameness(plain(a), plain(b)) >= 0.93) == same
    assert name_sameness(plain(a), plain(b)) == name_sameness(plain(b), plain(a))


def person(name, *roles, wikidata=None):
    made = Person(name, ["SYR"], [("Wikidata", "CC0-1.0")])
    made.gathered_key = slug(name)
    made.identifiers = {"wikidata": wikidata} if wikidata else {}
    made.roles = [
        {"title": "Prime Minister", "state": "SYR", "org": None, "from": start, "to": end, "office": "prime minister"}
        for start, end in roles
    ]
    return made


def test_doubles_are_joined_where_names_are_near_and_terms_coincide():
    known = person("Muhammad Mustafa Mero", ("2000-03-07", "2003-09-10"), wikidata="Q1")
    double = person("Muhammad Mustafa Miru", ("2000-03-13", "2003-09-10"))
    assert merge_doubles([known, double]) == [known]
    assert known.all_names() == ["muhammad mustafa mero", "muhammad mustafa miru"]


def test_people_with_different_ids_or_terms_stay_apart():
    people = [
        person("Muhammad Mustafa Mero", ("2000-03-07", "2003-09-10"), wikidata="Q1"),
        person("Muhammad Mustafa Mero", ("2000-03-07", "2003-09-10"), wikidata="Q2"),
        person("Muhammad Mustafa Miru", ("2010-03-13", "2013-09-10")),
    ]
    assert merge_doubles(people) == people


def test_an_open_term_ends_where_the_next_begins_and_an_acting_one_may_lie_within():
    old, acting, new = person("A B", ("2000", None)), person("C D", ("2002", "2002-03")), person("E F", ("2004", None))
    close_overlaps([old, acting, new], set())
    assert [p.roles[0]["to"] for p in (old, acting, new)] == ["2002", "2002-03", None]


def test_offices_listed_by_hand_are_not_touched():
    old, new = person("A B", ("2000", None)), person("E F", ("2004", None))
    close_overlaps([old, new], {("SYR", "prime minister")})
    assert old.roles[0]["to"] is None


def heads_of_syria(tmp_path, table):
    """Who is prime minister of Syria from when to when, by a ``heads.txt`` and two gathered terms."""
    for name, text in {"heads.txt": table, "people.txt": "", "left_out.txt": ""}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    gathered = [
        {"key": name.lower(), "name": name, "aliases": [], "states": ["SYR"], "identifiers": {}, "source": "cia-world-factbook",
         "prominence": 3, "roles": [{"title": "Prime Minister", "state": "SYR", "from": start, "to": end}]}
        for name, start, end in [("Abdo Old", "1969", "1985-06"), ("Bassam New", "1987-11", "2000-03")]
    ]  # fmt: skip
    state = {"key": "state:syr", "name": "Syria", "aliases": [], "states": ["SYR"]}
    return {
        (record["name"], role["from"], role["to"])
        for record in compile_people(gathered, [state], [], tmp_path)
        for role in record["roles"]
    }


def test_a_list_of_an_office_replaces_what_was_gathered_from_its_start_on(tmp_path):
    table = "= SYR Prime Minister\n1970..1987-11 Camal Listed\n"
    assert heads_of_syria(tmp_path, table) == {("Camal Listed", "1970", "1987-11")}


def test_a_list_with_a_plus_leaves_what_was_gathered_for_later(tmp_path):
    table = "= SYR Prime Minister +\n1970..1987-11 Camal Listed\n"
    assert heads_of_syria(tmp_path, table) == {
        ("Camal Listed", "1970", "1987-11"),
        ("Bassam New", "1987-11", "2000-03"),
    }


def test_a_list_with_a_plus_needs_an_end(tmp_path):
    with pytest.raises(TableError, match=r"heads\.txt:2"):
        heads_of_syria(tmp_path, "= SYR Prime Minister +\n1970 Camal Listed\n")


def test_a_gathered_person_or_one_name_of_theirs_is_left_out(tmp_path):
    listed = "son | joined with his father\nfather = Old Son | the son's name\n"
    for name, text in {"heads.txt": "", "people.txt": "", "left_out.txt": listed}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    gathered = [
        {"key": key, "name": name, "states": ["SYR"], "identifiers": {}, "source": "cia-world-factbook", "prominence": 3,
         "aliases": [{"name": other, "lang": "en", "type": None} for other in others],
         "roles": [{"title": "Prime Minister", "state": "SYR", "from": "2000-03", "to": "2003"}]}
        for key, name, others in [("father", "Abdo Old", ["Old Son", "Abdou Old"]), ("son", "Bassam Old", [])]
    ]  # fmt: skip
    state = {"key": "state:syr", "name": "Syria", "aliases": [], "states": ["SYR"]}
    [kept] = compile_people(gathered, [state], [], tmp_path)
    assert kept["name"] == "Abdo Old"
    assert [alias["name"] for alias in kept["aliases"]] == ["Abdou Old"]


def test_compact_leaves_out_what_is_empty_and_refuses_unknown_fields():
    record = {"key": "org:x", "kind": "organization", "name": "X", "states": [], "valid_to": None,
              "aliases": [{"name": "X", "lang": "en"}, {"name": "Y", "type": None}, {"name": "Y"}]}  # fmt: skip
    assert compact(record) == {"key": "org:x", "kind": "organization", "name": "X", "aliases": [{"name": "Y"}]}
    with pytest.raises(TableError):
        compact({**record, "colour": "red"})


def test_groups_hold_groups_and_leave_members_out():
    groups = read_groups()
    assert len(groups["EU27"]) == 27
    assert "GBR" in groups["EU28"]
    assert "GBR" not in groups["EU27"]
    assert len(groups["UN"]) == 193
    assert len(groups["G7"]) == 7
