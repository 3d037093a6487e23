"""Texts in other languages than English: adjectives, cases, bodies, and persons named by their office."""

import pytest

from articles.detection import detect
from articles.detection.inflection import nominatives
from articles.resolution import MemoryCatalogue, resolve
from articles.resolution.adjectives import adjectives_of
from articles.resolution.translations import translations_of
from entities.matching.types import AliasType, Kind, Name, RecordView, Term

FRANCE, IRAN, RUSSIA, GERMANY, UN, NATO = 1, 2, 3, 4, 5, 6
MACRON, RAISI, PUTIN, MERKEL, GUTERRES, MISHUSTIN = 11, 12, 13, 14, 15, 16


def state(id_, name, capital, *others):
    return RecordView(
        id_, Kind.STATE, name, names=(Name(name), Name(capital, AliasType.METONYM), *map(Name, others)), prominence=1
    )


def person(id_, name, title, start, *others, state=None, body=None):
    term = Term(title, state=state, organization=body, start=start)
    return RecordView(
        id_, Kind.PERSON, name, names=(Name(name), *map(Name, others)), states=(state,) if state else (),
        terms=(term,), prominence=1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def catalogue():
    return MemoryCatalogue([
        state(FRANCE, "France", "Paris", "Frankreich", "Francia", "Франция", "法国", "فرنسا", "Francja"),
        state(IRAN, "Iran", "Tehran", "Irán", "Иран", "伊朗", "إيران", "ایران"),
        state(RUSSIA, "Russia", "Moscow", "Russland", "Rusia", "Россия", "Росія", "俄罗斯", "روسيا", "Rosja", "Rusko"),
        state(GERMANY, "Germany", "Berlin", "Deutschland", "Alemania", "Германия", "Німеччина", "德国", "ألمانيا", "Niemcy"),
        RecordView(UN, Kind.ORGANIZATION, "United Nations", names=(Name("United Nations"),), prominence=1),
        RecordView(NATO, Kind.ORGANIZATION, "NATO", names=(Name("NATO", AliasType.ORDINARY),), prominence=1),
        person(MACRON, "Emmanuel Macron", "President", "2017-05-14", state=FRANCE),
        person(RAISI, "Ebrahim Raisi", "President", "2021-08-03", state=IRAN),
        person(PUTIN, "Vladimir Putin", "President", "2012-05-07", "Владимир Путин", state=RUSSIA),
        person(MISHUSTIN, "Mikhail Mishustin", "Prime Minister", "2020-01-16", state=RUSSIA),
        person(MERKEL, "Angela Merkel", "Chancellor", "2005-11-22", "Ангела Меркель", state=GERMANY),
        person(GUTERRES, "António Guterres", "Secretary-General", "2017-01-01", body=UN),
    ])  # fmt: skip


def link(catalogue, text, language, date="2021-10-01"):
    spans = detect(text, catalogue.gazetteers, None, language=language)
    found = {}
    for one in resolve(text, spans, catalogue, date=date, is_tagged=False):
        assert text[one.span.start : one.span.end] == one.span.surface
        found[one.span.surface] = one.decision.record_id if one.decision.outcome == "linked" else None
    return found


@pytest.mark.parametrize(
    ("language", "text", "surface", "record"),
    [
        ("fr", "Hier soir, le président français a parlé.", "le président français", MACRON),
        ("fr", "Un accord avec le président de la France suffit.", "le président de la France", MACRON),
        ("es", "Ayer el presidente iraní habló en la plaza.", "el presidente iraní", RAISI),
        ("es", "Según el mandatario ruso, todo va bien.", "el mandatario ruso", PUTIN),
        ("pt", "Ontem o presidente russo falou.", "o presidente russo", PUTIN),
        ("it", "Ieri il presidente iraniano ha parlato.", "il presidente iraniano", RAISI),
        ("de", "Gestern hat der französische Präsident gesprochen.", "der französische Präsident", MACRON),
        ("de", "Der Präsident Russlands war dabei.", "Der Präsident Russlands", PUTIN),
        ("de", "Die deutsche Bundeskanzlerin reist ab.", "Die deutsche Bundeskanzlerin", MERKEL),
        ("de", "Gestern warnte der UN-Generalsekretär davor.", "der UN-Generalsekretär", GUTERRES),
        ("ru", "Вчера иранский президент уехал.", "иранский президент", RAISI),
        ("ru", "О встрече с президентом Ирана не сообщали.", "президентом Ирана", RAISI),
        ("ru", "Премьер-министр России уехал.", "Премьер-министр России", MISHUSTIN),
        ("uk", "Учора президент Росії мовчав.", "президент Росії", PUTIN),
        ("pl", "Wczoraj prezydent Rosji milczał.", "prezydent Rosji", PUTIN),
        ("cs", "Včera ruský prezident mlčel.", "ruský prezident", PUTIN),
        ("ar", "وقال الرئيس الإيراني إن الاتفاق قريب.", "الرئيس الإيراني", RAISI),
        ("ar", "ودعا الأمين العام للأمم المتحدة إلى الهدوء.", "الأمين العام للأمم المتحدة", GUTERRES),
        ("fa", "دیروز رئیس‌جمهور ایران سخن گفت.", "رئیس‌جمهور ایران", RAISI),
        ("zh", "昨天伊朗总统发表讲话。", "伊朗总统", RAISI),
        ("zh", "联合国秘书长呼吁克制。", "联合国秘书长", GUTERRES),
    ],
)
def test_offices_are_read_in_many_languages(catalogue, language, text, surface, record):
    assert link(catalogue, text, language)[surface] == record


def test_a_minister_whose_state_stands_before_the_portfolio():
    paris = state(FRANCE, "France", "Paris")
    minister = person(MACRON, "Jean-Yves Le Drian", "Minister of Foreign Affairs", "2017-05-17", state=FRANCE)
    found = link(MemoryCatalogue([paris, minister]), "Selon le ministre français des Affaires étrangères, non.", "fr")
    assert found["le ministre français des Affaires étrangères"] == MACRON


@pytest.mark.parametrize(
    ("language", "text", "surface", "record"),
    [
        ("ru", "Вчера с Владимиром Путиным говорили об этом.", "Владимиром Путиным", PUTIN),
        ("ru", "Он жил в России и писал.", "России", RUSSIA),
        ("de", "Er sprach über Frankreichs Haltung.", "Frankreichs", FRANCE),
        ("pl", "Mówił o Niemczech i milczał.", "Niemczech", GERMANY),
        ("ar", "قال إن روسيا وإيران اتفقتا.", "إيران", IRAN),
        ("fr", "La résolution de l'ONU est adoptée.", "ONU", UN),
        ("ru", "Заявление НАТО опубликовано.", "НАТО", NATO),
        ("es", "Los soldados rusos se fueron.", "rusos", RUSSIA),
        ("de", "Die russischen Truppen blieben.", "russischen", RUSSIA),
        ("ru", "Вчера Москва отказалась подписывать.", "Москва", RUSSIA),
    ],
)
def test_names_are_found_in_other_cases_and_languages(catalogue, language, text, surface, record):
    assert link(catalogue, text, language)[surface] == record


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le président d'un club est venu."), ("ru", "Президент клуба приехал."), ("zh", "总统来了。"), ("xx", "президент"),
        ("es", "Una presidenta cualquiera habló."),
    ],
)  # fmt: skip
def test_offices_of_nobody_known_link_to_nobody(catalogue, language, text):
    assert not any(link(catalogue, text, language).values())


def test_a_letter_within_an_arabic_word_begins_no_name(catalogue):
    assert not link(catalogue, "هذا التفرنسا غريب.", "ar")


def test_nominatives_are_guessed_from_endings():
    assert "Путин" in nominatives("Путиным", "ru")
    assert "Россия" in nominatives("России", "ru")
    assert "Niemcy" in nominatives("Niemczech", "pl")
    assert nominatives("Word", "en") == ("Word",)


def test_adjectives_have_their_endings_and_no_english_double():
    forms = adjectives_of([Name("China")])
    assert {"chinesischen", "китайского", "chinois", "صيني"} <= set(forms)
    assert "china" not in forms
    assert adjectives_of([Name("Atlantis")]) == ()


def test_capitals_and_bodies_have_names_abroad():
    assert {"Moskau", "Москва", "莫斯科"} <= set(translations_of("Moscow"))
    assert "ООН" in translations_of("United Nations")
    assert translations_of("Nowhere-on-Sea") == ()


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("It rained in Iran. mz/jm (NATO, AFP, AP)\n", "NATO"),
        ("It rained in Iran all day.\nAuthor: Vladimir Putin (AP)", "Vladimir Putin"),
        ("TEHRAN, March 26 (NATO) - It rained in Iran.", "NATO"),
    ],
)
def test_who_wrote_or_sent_an_article_is_no_part_of_it(catalogue, text, gone):
    found = link(catalogue, text, "en")
    assert gone not in found
    assert found["Iran"] == IRAN


def test_in_sport_a_towns_name_is_its_teams_but_not_where_something_happens():
    town = RecordView(1, Kind.STATE, "Leverkusen", names=(Name("Leverkusen"),))
    club = RecordView(2, Kind.ORGANIZATION, "Bayer 04 Leverkusen", names=(Name("Bayer 04 Leverkusen"),))
    catalogue = MemoryCatalogue([town, club])
    text = (
        "The coach praised his goalkeeper after the match. A penalty, two goals and a late striker decided the league season."
        " Bayer 04 Leverkusen were champions. Nobody beats Leverkusen now. The bus broke down in Leverkusen yesterday."
    )
    spans = detect(text, catalogue.gazetteers, None)
    links = {
        one.span.start: one.decision.record_id
        for one in resolve(text, spans, catalogue, is_tagged=False)
        if one.decision.outcome == "linked"
    }
    assert links[text.index("Leverkusen now")] == 2
    assert links[text.index("Leverkusen yesterday")] == 1


def test_one_word_of_a_longer_name_is_not_that_word():
    nobel = RecordView(1, Kind.PERSON, "Alfred Nobel", names=(Name("Alfred Nobel"), Name("Nobel")))
    found = link(MemoryCatalogue([nobel]), "She won the Nobel Peace Prize in Oslo this year.", "en", None)
    assert not any(found.values())
