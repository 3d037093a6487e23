"""Persons named by their office in other languages than English: "der französische Präsident", "президента Ирана", "伊朗总统".

One table of titles for each language, and three grammars: an adjective or "of" and a state after the title (Romance
languages, Arabic, Persian), an adjective before it or a state in the genitive after it (German, Slavic languages), a state
before it (Chinese, Japanese, Korean, Turkish). The words are general vocabulary of government.
"""

from __future__ import annotations

import re
from functools import lru_cache

from articles.detection.gazetteer import Hit, Sense
from articles.detection.spans import RoleDescription
from entities.matching.types import Kind

_P, _PM, _FM, _HS = "president", "prime minister", "foreign minister", "head of state"
#: Language → titles as regular expressions → office. Longer titles stand before shorter ones that begin alike.
_TITLES: dict[str, tuple[tuple[str, str], ...]] = {
    "fr": (
        (r"vice-présidente?", "vice president"), (r"premi(?:er|ère) ministre|chef(?:fe)? du gouvernement|premier", _PM),
        (r"chef(?:fe)? de l[’']État|chef d[’']État", _HS), (r"présidente?", _P), (r"chanceli(?:er|ère)", _PM),
        (r"chef(?:fe)? de la diplomatie|ministre des Affaires étrangères|secrétaire d[’']État|secrétaire au Foreign Office", _FM),
        (r"ministre de la Défense|ministre des Armées", "defence minister"),
        (r"ministre de l[’']Intérieur", "interior minister"),
        (r"ministre des Finances|ministre de l[’']Économie", "finance minister"),
        (r"secrétaire générale?", "secretary-general"),
        (r"prince héritier", "crown prince"), (r"roi|reine|monarque|souverain|émir|sultan|empereur", "monarch"),
        (r"pape", "pope"), (r"guide suprême", "supreme leader"), (r"dirigeante?|homme fort|leader|numéro un", "leader"),
        (r"directrice générale|directeur général", "director-general"),
    ),
    "es": (
        (r"vicepresident[ea]", "vice president"), (r"primer ministro|primera ministra|jef[ea] del? Gobierno", _PM),
        (r"jef[ea] del? Estado|mandatari[oa]", _HS), (r"president[ea]", _P),
        (r"secretari[oa] de Estado|ministr[oa] de (?:Asuntos |Relaciones )?Exteriores|jef[ea] de la diplomacia|canciller", _FM),
        (r"ministr[oa] de Defensa", "defence minister"), (r"ministr[oa] del? Interior", "interior minister"),
        (r"ministr[oa] de (?:Hacienda|Finanzas|Economía)", "finance minister"),
        (r"secretari[oa] general", "secretary-general"),
        (r"príncipe heredero", "crown prince"), (r"rey|reina|monarca|emir|sultán|emperador", "monarch"),
        (r"papa|pontífice", "pope"), (r"líder suprem[oa]", "supreme leader"), (r"líder|dirigente|hombre fuerte", "leader"),
    ),
    "pt": (
        (r"vice-presidente", "vice president"), (r"primeir[oa]-ministr[oa]|chefe do [Gg]overno|premiê", _PM),
        (r"chefe de [Ee]stado|mandatári[oa]", _HS), (r"presidenta?e?", _P),
        (r"secretári[oa] de Estado|ministr[oa] d[ao]s (?:Relações Exteriores|Negócios Estrangeiros)"
         r"|chefe da diplomacia|chanceler", _FM),
        (r"ministr[oa] da Defesa", "defence minister"),
        (r"ministr[oa] da Fazenda|ministr[oa] das Finanças", "finance minister"),
        (r"secretári[oa]-geral", "secretary-general"), (r"príncipe herdeiro", "crown prince"),
        (r"rei|rainha|monarca|emir|imperador", "monarch"), (r"papa|pontífice", "pope"), (r"líder supremo", "supreme leader"),
        (r"líder|dirigente", "leader"),
    ),
    "it": (
        (r"vicepresidente", "vice president"),
        (r"prim[oa] ministr[oa]|premier|presidente del [Cc]onsiglio|capo del governo", _PM),
        (r"capo dello [Ss]tato", _HS), (r"presidente", _P), (r"cancellier[ea]", _PM),
        (r"ministr[oa] degli [Ee]steri|segretari[oa] di [Ss]tato|capo della diplomazia", _FM),
        (r"ministr[oa] della [Dd]ifesa", "defence minister"), (r"segretari[oa] generale", "secretary-general"),
        (r"principe ereditario", "crown prince"), (r"re|regina|emiro|sultano", "monarch"), (r"papa|pontefice", "pope"),
        (r"guida suprema", "supreme leader"), (r"leader|dittatore", "leader"),
    ),
    "de": (
        (r"Vizepräsident(?:in|en)?", "vice president"),
        (r"(?:Minister|Premier)präsident(?:in|en)?|Premierminister(?:in|s|n)?|Premier|Regierungschef(?:in|s)?|Bundeskanzler(?:in|s)?"
         r"|Kanzler(?:in|s)?", _PM),
        (r"Staatschef(?:in|s)?|Staatsoberhaupt(?:s|es)?", _HS), (r"(?:Staats|Bundes)?[Pp]räsident(?:in|en)?", _P),
        (r"(?:Bundes)?[Aa]ußenminister(?:in|s|n)?|Chefdiplomat(?:in|en)?", _FM),
        (r"Verteidigungsminister(?:in|s|n)?", "defence minister"), (r"Finanzminister(?:in|s|n)?", "finance minister"),
        (r"Innenminister(?:in|s|n)?", "interior minister"), (r"Generalsekretär(?:in|s)?", "secretary-general"),
        (r"Kronprinz(?:en)?", "crown prince"), (r"König(?:in|s)?|Monarch(?:in|en)?|Emirs?|Sultans?|Kaisers?", "monarch"),
        (r"Papst(?:es)?", "pope"), (r"Revolutionsführers?", "supreme leader"),
        (r"Machthabers?|Diktators?|Staatsführers?", "leader"),
        (r"Außenbeauftragten?r?", "high representative"),
        (r"Kommissionspräsident(?:in|en)?|Kommissionschef(?:in|s)?", "commission president"),
    ),
    "ru": (
        (r"вице-президент\w{0,2}", "vice president"),
        (r"премьер-министр\w{0,2}|премьер(?:а|у|ом|е)?|глав\w{1,2} правительства", _PM),
        (r"глав\w{1,2} государства", _HS), (r"президент(?:а|у|ом|е)?", _P), (r"канцлер(?:а|у|ом|е)?", _PM),
        (r"министр\w{0,2} иностранных дел|глав\w{1,2} МИД(?:а)?|глав\w{1,2} МИДа|госсекретар\w{1,2}|глав\w{1,2} дипломатии", _FM),
        (r"министр\w{0,2} обороны", "defence minister"), (r"министр\w{0,2} финансов", "finance minister"),
        (r"министр\w{0,2} внутренних дел", "interior minister"),
        (r"генеральн\w{2,3} секретар\w{1,2}|генсек\w{0,2}", "secretary-general"),
        (r"наследн\w{2,3} принц\w{0,2}", "crown prince"),
        (r"корол\w{1,3}|эмир\w{0,2}|султан\w{0,2}|монарх\w{0,2}", "monarch"),
        (r"[Пп]ап\w{1,2} римск\w{2,3}", "pope"), (r"верховн\w{2,3} лидер\w{0,2}", "supreme leader"),
        (r"лидер(?:а|у|ом|е)?", "leader"),
    ),
    "uk": (
        (r"віце-президент\w{0,3}", "vice president"),
        (r"прем[’'ʼ]єр-міністр\w{0,3}|прем[’'ʼ]єр(?:а|у|ом|і)?|глав\w{1,2} уряду", _PM),
        (r"глав\w{1,2} держави", _HS), (r"президент(?:а|у|ом|ові|і)?|президентк\w{1,2}", _P), (r"канцлер\w{0,3}", _PM),
        (r"міністр\w{0,3} закордонних справ|глав\w{1,2} МЗС|очільни\w{1,3} МЗС|держсекретар\w{0,2}", _FM),
        (r"міністр\w{0,3} оборони", "defence minister"),
        (r"генеральн\w{2,3} секретар\w{0,2}|генсек\w{0,2}", "secretary-general"),
        (r"корол\w{1,3}|емір\w{0,2}|султан\w{0,2}", "monarch"), (r"[Пп]ап\w{1,2} [Рр]имськ\w{2,3}", "pope"),
        (r"лідер\w{0,2}", "leader"),
    ),
    "pl": (
        (r"wiceprezydent\w{0,3}", "vice president"), (r"premier(?:a|owi|em|ze)?|szef\w{0,3} rządu", _PM),
        (r"prezydent(?:a|owi|em|ki)?|prezydencie", _P), (r"kanclerz\w{0,2}", _PM),
        (r"minist\w{1,5} spraw zagranicznych|szef\w{0,3} (?:MSZ|dyplomacji)|sekretarz\w{0,3} stanu", _FM),
        (r"minist\w{1,5} obrony(?: narodowej)?", "defence minister"),
        (r"sekretarz\w{0,3} generaln\w{1,3}", "secretary-general"),
        (r"król(?:owa|owej|owi|a|em)?", "monarch"), (r"papież\w{0,3}", "pope"), (r"przywódc\w{1,2}|lider\w{0,3}", "leader"),
    ),
    "cs": (
        (r"viceprezident\w{0,3}", "vice president"), (r"premiér\w{0,3}|předsed\w{1,2} vlády", _PM), (r"prezident\w{0,3}", _P),
        (r"kancléř\w{0,3}", _PM), (r"ministr\w{0,3} zahraničí|šéf\w{0,3} diplomacie", _FM),
        (r"ministr\w{0,3} obrany", "defence minister"),
        (r"generáln\w{1,3} tajemn\w{2,4}", "secretary-general"), (r"král\w{0,3}", "monarch"), (r"papež\w{0,2}", "pope"),
        (r"vůdc\w{1,2}|lídr\w{0,3}", "leader"),
    ),
    "ar": (
        (r"(?:ال)?أمين العام", "secretary-general"), (r"نائب (?:ال)?رئيس", "vice president"),
        (r"رئيسة? (?:ال)?(?:وزراء|حكومة)|المستشارة?", _PM), (r"وزيرة? (?:ال)?خارجية", _FM),
        (r"وزيرة? (?:ال)?دفاع", "defence minister"),
        (r"وزيرة? (?:ال)?داخلية", "interior minister"), (r"وزيرة? (?:ال)?مالية", "finance minister"),
        (r"ولي (?:ال)?عهد", "crown prince"), (r"المرشد(?: الأعلى)?", "supreme leader"),
        (r"العاهل|(?:ال)?ملك|أمير|سلطان", "monarch"), (r"(?:ال)?رئيسة?", _P), (r"زعيم", "leader"),
    ),
    "fa": (
        (r"معاون رئیس[\u200c ]?جمهور", "vice president"), (r"رئیس[\u200c ]?جمهور(?:ی)?", _P),
        (r"نخست[\u200c ]?وزیر|صدراعظم", _PM),
        (r"وزیر (?:امور )?خارجه", _FM), (r"وزیر دفاع", "defence minister"), (r"دبیر[\u200c ]?کل", "secretary-general"),
        (r"پادشاه|ملک|امیر|سلطان", "monarch"), (r"رهبر", "leader"),
    ),
    "zh": (
        (r"副总统|副總統", "vice president"), (r"国家主席|國家主席|总统|總統|主席", _P), (r"总理|總理|首相", _PM),
        (r"外长|外長|外交部长|外交部長|国务卿|國務卿|外相", _FM), (r"国防部长|國防部長|防长", "defence minister"),
        (r"财政部长|財政部長|财长", "finance minister"), (r"秘书长|秘書長", "secretary-general"),
        (r"王储|王儲", "crown prince"),
        (r"国王|國王|女王|埃米尔|天皇", "monarch"), (r"最高领袖|最高領袖", "supreme leader"),
        (r"领导人|領導人|领袖", "leader"),
    ),
    "ja": (
        (r"副大統領", "vice president"), (r"大統領|国家主席", _P), (r"首相", _PM), (r"外相|外務大臣|国務長官", _FM),
        (r"国防相|国防長官|防衛相", "defence minister"), (r"事務総長", "secretary-general"), (r"皇太子", "crown prince"),
        (r"国王|女王", "monarch"), (r"最高指導者", "supreme leader"), (r"指導者", "leader"),
    ),
    "ko": (
        (r"부통령", "vice president"), (r"대통령|국가주석", _P), (r"총리", _PM),
        (r"외무장관|외교장관|외교부장|국무장관", _FM),
        (r"국방장관", "defence minister"), (r"사무총장", "secretary-general"), (r"왕세자", "crown prince"),
        (r"국왕|여왕", "monarch"),
        (r"최고지도자", "supreme leader"), (r"지도자", "leader"),
    ),
    "tr": (
        (r"Cumhurbaşkanı\w{0,4}|Devlet Başkanı\w{0,4}", _P), (r"Başbakanı\w{0,4}|Başbakan\w{0,3}", _PM),
        (r"Dışişleri Bakanı\w{0,4}", _FM), (r"Savunma Bakanı\w{0,4}", "defence minister"),
        (r"Genel Sekreteri\w{0,4}", "secretary-general"),
        (r"Kralı\w{0,4}|Emiri\w{0,4}", "monarch"), (r"lideri\w{0,4}", "leader"),
    ),
}  # fmt: skip
_AFTER = frozenset({"fr", "es", "pt", "it", "ar", "fa"})  # the state comes after the title
_BEFORE = frozenset({"zh", "ja", "ko", "tr"})  # the state comes before it
_UNSPACED = frozenset({"zh", "ja"})

_FORMER = (
    r"ancien(?:ne)?|ex|anciens|antigu[oa]|exprimer|antig[oa]|ehemalige[nrsm]?|frühere[nrsm]?|Ex|Alt|бывш\w{2,3}|экс|"
    r"колишн\w{2,3}|były|byłego|byłym|byłemu|bývalý|bývalého|السابقة?|پیشین|سابق|前|元|전|eski"
)
_ELECT = (
    r"élue?|elect[oa]|eleit[oa]|elett[oa]|gewählte[nrm]?|designierte[nrm]?"
    r"|избранн\w{2,3}|обран\w{2,3}|المنتخبة?|候任|当选|當選|次期"
)
_NEW = r"nouve(?:au|l|lle)|nuev[oa]|nov[oa]|nuov[oa]|neue[nrm]?|нов\w{2,3}|nowy|nowego|nový|nového|الجديدة?|جدید|新任|新|yeni"
_ACTING = r"par intérim|interin[oa]|ad interim|amtierende[nrm]?|исполняющ\w{2,3} обязанности|المؤقتة?|代|暂代"
_MODIFIER = (
    rf"(?P<former>{_FORMER})|(?P<elect>{_ELECT})|(?P<new>{_NEW})|(?P<acting>{_ACTING})"
    r"|actuel(?:le)?|actual|attuale|scheidende[nrm]?|damalige[nrm]?|saliente|sortante?|нынешн\w{2,3}|нинішн\w{2,3}|الحاليا?ة?"
)
_ARTICLES = {
    "fr": r"(?:le|la|les|l[’'])", "es": r"(?:el|la)", "pt": r"(?:o|a)", "it": r"(?:il|la|lo|l[’'])",
    "de": r"(?:der|die|den|dem|des)",
}  # fmt: skip
_OF = {
    "fr": r" (?:de la |de l[’']|du |des |de |d[’'])", "es": r" (?:de la |del |de los |de las |de )",
    "pt": r" (?:da |do |dos |das |de )", "it": r" (?:della |del |dell[’']|dello |degli |delle |dei |di )",
    "de": r" (?:der |des |von |in )",}  # fmt: skip
_OF_WORDS = {language: re.compile(words) for language, words in _OF.items()}
_TO = frozenset({" ", " ل", " لل"})  # "to" is written to the word in Arabic
# What an article alone makes a person in these languages: "le président", "der Kanzler".
_DEFINITE = frozenset({_P, _PM, _FM, _HS, "monarch", "pope", "secretary-general", "supreme leader", "crown prince"})


@lru_cache(maxsize=32)
def _title(language: str) -> re.Pattern:
    alternatives = "|".join(f"(?P<o{number}>{words})" for number, (words, _) in enumerate(_TITLES[language]))
    if language in _UNSPACED or language == "ko":
        return re.compile(alternatives)
    lead = r"(?<![^\W_])" if language not in ("ar", "fa") else r"(?<![\u0600-\u06ff])(?:[وفبلك]{0,1})"
    flags = 0 if language in ("de", "tr") else re.IGNORECASE
    return re.compile(rf"{lead}(?:{alternatives})(?![^\W\d_])", flags)


_MODIFIED = re.compile(rf"(?<![^\W_])(?:{_MODIFIER})[ -]$", re.IGNORECASE)
_MODIFIED_AFTER = re.compile(rf" (?:{_MODIFIER})(?![^\W_])", re.IGNORECASE)
_MODIFIED_UNSPACED = re.compile(
    r"(?:(?P<former>前|元|전 ?)|(?P<elect>候任|当选|當選|次期)|(?P<new>新任|新)|(?P<acting>代))の?$"
)


def find_roles_abroad(text: str, hits: list[Hit], language: str) -> list[tuple[int, int, RoleDescription]]:
    """Every description by office in a text of a language that has a table here: ``(start, end, description)``.

    Args:
        hits: what the gazetteer found, adjectives and names in other cases among them.
        language: ISO 639-1; one without a table yields nothing.
    """
    if language not in _TITLES:
        return []
    by_start: dict[int, Hit] = {}
    by_end: dict[int, Hit] = {}
    for hit in hits:
        if hit.senses.is_place:
            if hit.start not in by_start or by_start[hit.start].end < hit.end:
                by_start[hit.start] = hit
            if hit.end not in by_end or by_end[hit.end].start > hit.start:
                by_end[hit.end] = hit
    found = _parted_ministers(text, language, by_start)
    for match in _title(language).finditer(text):
        role = _role(text, match, language, by_start, by_end)
        if role is not None:
            found.append(role)
    return found


_PORTFOLIOS = (
    (r"des Affaires étrangères|de (?:Asuntos |Relaciones )?Exteriores|das Relações Exteriores|dos Negócios Estrangeiros"
     r"|degli [Ee]steri", _FM),
    (r"de la Défense|de Defensa|da Defesa|della [Dd]ifesa|des Armées", "defence minister"),
    (r"des Finances|de Finanzas|de Hacienda|das Finanças|delle [Ff]inanze", "finance minister"),
    (r"de l[’']Intérieur|del Interior|do Interior|dell[’'][Ii]nterno", "interior minister"),
)  # fmt: skip
_MINISTER = re.compile(r"(?<![^\W_])(?P<article>(?:le|la|el|il|o|a) )?(?P<title>minist[rè]\w{1,3}) ", re.IGNORECASE)


def _parted_ministers(text: str, language: str, by_start: dict[int, Hit]) -> list[tuple[int, int, RoleDescription]]:
    """Ministers whose state stands before their portfolio: "le ministre russe des Affaires étrangères"."""
    if language not in ("fr", "es", "pt", "it"):
        return []
    found = []
    for match in _MINISTER.finditer(text):
        hit = by_start.get(match.end())
        for words, office in _PORTFOLIOS if hit is not None else ():
            portfolio = re.compile(f" (?:{words})").match(text, hit.end)
            if portfolio is not None:
                described = RoleDescription(
                    offices=frozenset({office}), place=_places(hit), place_start=hit.start,
                    is_definite=match.group("article") is not None, title=match.group("title"),
                )  # fmt: skip
                found.append((match.start(), portfolio.end(), described))
    return found


def _places(hit: Hit) -> tuple[Sense, ...]:
    named = tuple(sense for sense in hit.senses if sense.kind in (Kind.STATE, Kind.ORGANIZATION))
    states = tuple(sense for sense in named if sense.kind is Kind.STATE)
    return states or named


def _role(
    text: str, match: re.Match, language: str, by_start: dict[int, Hit], by_end: dict[int, Hit]
) -> tuple[int, int, RoleDescription] | None:
    group = match.lastgroup
    start, end = match.start(group), match.end(group)
    office = _TITLES[language][int(group[1:])][1]
    title = match.group(group)
    modifier, place, definite = "", None, False
    if language in _BEFORE:
        place, start, modifier = _before(text, start, language, by_end)
        if place is None:
            return None
    else:
        after = _MODIFIED_AFTER.match(text, end)
        if after is not None and language in ("fr", "es", "pt", "it", "ar", "fa"):
            modifier, end = after.lastgroup or "", after.end()
        adjective = by_start.get(end + 1) if text[end : end + 1] == " " else None
        if adjective is not None:
            place, end = adjective, adjective.end
        else:
            named = _after_of(text, end, language, by_start)
            if named is not None:
                place, end = named, named.end
        after = _MODIFIED_AFTER.match(text, end)
        if after is not None and place is not None and language in ("fr", "es", "pt", "it", "ar", "fa"):
            modifier, end = after.lastgroup or modifier, after.end()
        start, modifier, place, definite = _left(text, start, language, by_end, modifier, place)
    offices = frozenset({office})
    if (
        title.lower() == "canciller"
        and place is not None
        and re.match(r"(?i)alem|austr", text[place.start : place.end])
    ):
        offices = frozenset({_PM})
    if place is None and not (definite and office in _DEFINITE):
        return None
    return start, end, RoleDescription(
        offices=offices, place=_places(place) if place is not None else (),
        place_start=place.start if place is not None else -1, modifier=modifier, is_definite=definite, title=title,
    )  # fmt: skip


def _after_of(text: str, end: int, language: str, by_start: dict[int, Hit]) -> Hit | None:
    """The state or body after "of": "de la France", "للأمم المتحدة"."""
    if language in ("ar", "fa"):
        return next((by_start[end + n] for n in (1, 2, 3) if text[end : end + n] in _TO and end + n in by_start), None)
    of = _OF_WORDS[language].match(text, end) if language in _OF_WORDS else None
    return by_start.get(of.end()) if of else None


def _before(text: str, start: int, language: str, by_end: dict[int, Hit]) -> tuple[Hit | None, int, str]:
    """The state printed before a title, with what may stand between: ``(hit, start, modifier)``."""
    modifier = ""
    at = start
    if language in _UNSPACED or language == "ko":
        modified = _MODIFIED_UNSPACED.search(text, max(0, at - 4), at)
        if modified is not None and modified.group():
            modifier, at = modified.lastgroup or "", modified.start()
    for gap in ("", " ", "の"):
        if text[max(0, at - len(gap)) : at] == gap and at - len(gap) in by_end:
            hit = by_end[at - len(gap)]
            return hit, hit.start, modifier
    return None, start, ""


def _left(
    text: str, start: int, language: str, by_end: dict[int, Hit], modifier: str, place: Hit | None
) -> tuple[int, str, Hit | None, bool]:
    """From a title back over modifiers, one adjective or "UN-" and the article."""
    for _ in range(3):
        if text[start - 1 : start] not in (" ", "-", "\u00a0"):
            break
        hit = by_end.get(start - 1) if place is None and language in ("de", "ru", "uk", "pl", "cs") else None
        if hit is not None:
            place, start = hit, hit.start
            continue
        modified = _MODIFIED.search(text, max(0, start - 30), start)
        if modified is None:
            break
        modifier, start = modified.lastgroup or modifier, modified.start()
    article = _ARTICLES.get(language)
    if article:
        before = re.search(rf"(?<![^\W_]){article} ?$", text[max(0, start - 5) : start], re.IGNORECASE)
        if before is not None:
            return start - len(before.group()), modifier, place, True
    return start, modifier, place, False
