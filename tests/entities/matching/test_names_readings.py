"""How names in every script are read aloud."""

import pytest

from entities.matching.names.readings import hangul, kana, readings
from entities.matching.names.sounds import GROUPS, group_of, heard
from entities.matching.normalize import name_key


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("习近平", "xi jinping"), ("曾荫权", "zeng yinquan"), ("诸葛亮", "zhuge liang"), ("巴拉克·奥巴马", "balake aobama"),
        ("林鄭月娥", "lamcheng yutngo"), ("岸田文雄", "kishida fumio"), ("小泉純一郎", "koizumi junichiro"), ("文在寅", "mun chaein"),
        ("ジョー・バイデン", "jo baiden"), ("ウィンストン・チャーチル", "winsuton chachiru"), ("サッチャー", "satcha"),
        ("ティモシー", "timoshi"), ("ヴィクトル", "vikutoru"), ("小泉よしこ", "koizumi yoshiko"),
        ("नरेन्द्र मोदी", "narendr modi"), ("মুজিবুর রহমান", "mujibur rahaman"), ("ഉമ്മൻ ചാണ്ടി", "umman chanti"),
        ("ஸ்டாலின்", "stalin"), ("ਸਿੰਘ", "singh"), ("इन्दिरा", "indira"), ("ᳵ", ""),
        ("ทักษิณ", "thaksin"), ("แพทองธาร", "phaethongthar"), ("Μπαράκ Ομπάμα", "barak obama"), ("Ευάγγελος", "evangelos"),
        ("윤석열", "yun sokyol"), ("남궁민", "namkung min"), ("버락 오바마", "porak opama"), ("Владимир", "vladimir"),
        ("აბაშიძე", "abashidze"), ("አሕመድ", "ahmed"),
    ],
)  # fmt: skip
def test_a_name_is_read(name, reading):
    assert tuple(reading.split()) in readings(name) or not reading


@pytest.mark.parametrize(
    ("written", "sound"),
    [
        ("きょう", "kyo"),
        ("しょう", "sho"),
        ("ファン", "fan"),
        ("ウォ", "wo"),
        ("イェ", "ie"),
        ("ッ", ""),
        ("ャ", "ya"),
        ("東", "東"),
        ("がっこう", "gakko"),
    ],
)
def test_kana_are_read_without_long_vowels(written, sound):
    assert kana(written) == sound


def test_hangul_is_read_by_its_letters_and_other_characters_as_they_are():
    assert hangul("김정은a") == "kimchongun" + "a"


def test_the_group_that_tells_less_decides():
    assert group_of("Latin", "Cyrillic") == "alphabet"
    assert group_of("Hebrew", "Devanagari") == "abjad"
    assert group_of("Arabic", "Han") == "han"


@pytest.mark.parametrize("group", GROUPS)
def test_a_letter_written_twice_is_one_sound_and_two_apart_are_two(group):
    assert heard("mahmud", "Latin", group).broad[0].startswith("MM")
    assert heard("hamma", "Latin", group).broad[0] == "M"


def test_vowel_signs_are_part_of_their_word():
    assert name_key("नरेन्द्र मोदी").count(" ") == 1
    assert name_key("ประยุทธ์") == name_key("ประยุทธ์").replace(" ", "")
