"""What of a printed name is compared: its words, their order, compounds, acronyms, numbers."""

import pytest

from entities.matching.names.preparing import prepare, semitic_words
from entities.matching.names.vocabulary import concepts
from entities.matching.names.words import arabic, korean, looks_korean, pinyin_of, printed_words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("'Abd al-Rahman bin 'Umayr", "abdrahman bin umayr"),
        ("Abdul Rahman", "abdrahman"),
        ("Abdurrahman", "abdrahman"),
        ("Abdel Fattah el-Sisi", "abdfattah sisi"),
        ("Abd Allah", "abdallah"),
        ("Abdullah Gul", "abdallah gul"),
        ("Abdul X", "abdul x"),
        ("Abu Bakr al-Baghdadi", "abubakr baghdadi"),
        ("Abubakar Shekau", "abubakar shekau"),
        ("Aboubacar Camara", "abubacar camara"),
        ("Abu al-Walid", "abuwalid"),
        ("Nur ud-Din Zangi", "nurdin zangi"),
        ("Salah Eddine", "salahdin"),
        ("Salahuddin Ahmed", "salahdin ahmed"),
        ("Nooruddin Turabi", "noordin turabi"),
        ("Saif Ullah", "saifallah"),
        ("Faizullah Khan", "faizallah khan"),
        ("Nasrallah", "nasrallah"),
        ("Bernard Madoff", "bernard madoff"),
        ("Din", "din"),
        ("Putin, Vladimir", "vladimir putin"),
        ("Smith, John, Jr", "smith john jr"),
        ("Davis, Jr.", "davis jr"),
        ("Mohammad Ishaq Akhund born in 1963", "mohammad ishaq akhund"),
        ("Diana Fox Carney née Fox", "diana fox carney"),
        ("Hamida Banu (Begum)", "hamida banu"),
        ("(Begum)", "begum"),
        ("al", "al"),
    ],
)
def test_a_persons_name_is_read_as_its_words(name, words):
    assert " ".join(printed_words(name, "person")[0]) == words


@pytest.mark.parametrize(
    ("name", "words", "acronyms"),
    [
        ("Tariq Gidar Group (TGG)", "tariq gidar group", ["tgg"]),
        ("Harakat ul-Mujahidin / HUM", "harakat ul mujahidin", ["hum"]),
        ("Inversiones Continental (PANAMA), S.A.", "inversiones continental panama sa", []),
        ("Bank of China (Singapore) Limited", "bank of china singapore limited", []),
        ("Brigade Forty-Four", "brigade 44", []),
        ("Three Percenters", "3 percenters", []),
        ("Roshan Money Exchange", "roshan hawala", []),
        ("Islamic State's Khorasan Province", "islamic state khorasan province", []),
        ("Parti de l'Unité", "parti de l unite", []),
        ("Almaz Joint Stock Company", "almaz jsc", []),
    ],
)
def test_an_organizations_name_is_read_as_its_words(name, words, acronyms):
    found, beside = printed_words(name, "organization")
    assert (" ".join(found), beside) == (words, acronyms)


def test_elided_articles_are_words_of_their_own():
    assert printed_words("République d'Angola", "state")[0] == ["republique", "d", "angola"]


def test_names_without_compounds_stay_as_they_are():
    assert arabic(["angela", "dorothea", "merkel"]) == ["angela", "dorothea", "merkel"]


def test_a_phrase_is_one_word_and_its_beginning_alone_is_not():
    assert concepts(["money", "exchange", "money"]) == ["hawala", "money"]


@pytest.mark.parametrize(
    ("one", "other"), [("cho", "jo"), ("lee", "yi"), ("park", "pak"), ("hyun", "hyeon"), ("chul", "chol")]
)
def test_spellings_of_a_korean_syllable_are_one(one, other):
    assert korean(one) == korean(other)


def test_what_could_be_korean_is_told_by_surname_and_length():
    assert looks_korean(["kim", "jong", "un"])
    assert not looks_korean(["kim", "kardashian"])
    assert not looks_korean(["madonna"])


@pytest.mark.parametrize(
    ("words", "modern"),
    [("mao tse tung", "mao zedong"), ("chiang ching kuo", "jiang jingguo"), ("kim jong un", ""), ("john smith", ""),
     ("hsi jinping", "")],
)  # fmt: skip
def test_wade_giles_is_read_as_pinyin(words, modern):
    assert pinyin_of(words.split()) == modern


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("عبد الرحمن بن عمیر", ["عبدرحمن", "عمیر"]),
        ("جمال عبد الناصر", ["جمال", "عبدناصر"]),
        ("ابو بکر البغدادی", ["ابوبکر", "بغدادی"]),
        ("سیف الله", ["سیفله"]),
        ("صلاح الدین", ["صلاحدین"]),
        ("עבד אל פתאח א סיסי", ["עבדפתאח", "סיסי"]),
        ("בן גוריון", ["בן", "גוריון"]),
    ],
)
def test_compounds_in_arabic_and_hebrew_letters_are_one_word(key, words):
    assert semitic_words(key) == words


def test_titles_weigh_nothing_before_a_name_and_are_names_within():
    weights = {part.text: part.weight for part in prepare("General Mahmood Sultan Bashir", "person").parts}
    assert "general" not in weights
    assert weights["sultan"] > 0.4


def test_a_title_alone_is_still_a_name():
    assert [part.text for part in prepare("Sheikh", "person").parts] == ["sheikh"]


def test_common_words_tell_less_than_rare_ones():
    weights = {part.text: part.weight for part in prepare("Mohammed Pezeshkian", "person").parts}
    assert weights["mohammed"] < 0.6 < weights["pezeshkian"]


def test_words_of_agreements_and_of_bodies_are_told_from_what_names_them():
    agreement = {part.text: part.weight for part in prepare("Treaty of Lisbon", "agreement").parts}
    assert agreement["treaty"] < agreement["lisbon"]
    body = {part.text: part.sort for part in prepare("North Iran Brigade 44 of Ltd", "organization").parts}
    assert body == {"north": "place", "iran": "place", "brigade": "", "44": "number", "of": "small", "ltd": ""}


def test_one_string_may_list_several_names():
    listed = prepare("كتيبة أنصار الشريعة (Katibat Ansar al Charia)", "organization").variants
    assert [one.name for one in listed] == ["كتيبة أنصار الشريعة", "Katibat Ansar al Charia"]
    assert len(prepare("Jabhat al-Nusra; Al-Nusra Front", "organization").variants) == 2
    assert not prepare("Ansar; AA", "organization").variants
    assert not prepare("Société (Générale)", "organization").variants
