"""The words in which agreements are described."""

from __future__ import annotations

#: Words for an agreement → the sort they belong to. Sorts of one group are used for each other in the press.
TYPE_WORDS = {
    "treaty": "treaty", "treaties": "treaty", "pact": "treaty", "accord": "accord", "accords": "accord",
    "agreement": "accord", "agreements": "accord", "deal": "accord", "deals": "accord", "truce": "ceasefire",
    "ceasefire": "ceasefire", "cease-fire": "ceasefire", "armistice": "ceasefire", "convention": "convention",
    "conventions": "convention", "protocol": "protocol", "protocols": "protocol", "memorandum": "memorandum",
    "charter": "charter", "declaration": "declaration", "framework": "accord", "statute": "convention",
    "covenant": "convention", "concordat": "treaty", "initiative": "accord", "compact": "accord", "settlement": "accord",
}  # fmt: skip
#: What agreements are about: words that tell them apart.
SUBJECTS = frozenset(
    "nuclear peace trade free free-trade security defence defense military border arms arms-control arms-reduction "
    "disarmament climate partnership strategic cooperation friendship ceasefire cease-fire armistice grain gas energy oil "
    "migration refugee fisheries fishing water river naval maritime missile missiles weapons test-ban ban "
    "non-proliferation nonproliferation proliferation chemical biological mine landmine union customs unity withdrawal "
    "power-sharing prisoner hostage normalization normalisation land boundary investment economic tax visa extradition "
    "brexit divorce reunification independence autonomy disengagement monetary currency ozone biodiversity ocean plastic "
    "pandemic whaling space antarctic submarine basing bases transit canal debt handover handback comprehensive interim "
    "framework protection rights genocide torture emissions regional hemispheric environment environmental "
    "intermediate-range strategic-arms conventional forces human test tests munitions cluster mines landmines "
    "anti-personnel warheads arsenals shields defences defenses warming desertification trafficking corruption tobacco "
    "mercury species waste refugees tariffs budgets".split()
)
#: How they are: words that tell nothing.
ADJECTIVES = frozenset(
    "landmark historic new newly signed broad wide-ranging sweeping bilateral trilateral multilateral international "
    "binding fragile shaky tentative preliminary final old original controversial disputed existing long-awaited major "
    "key far-reaching ambitious global so-called mutual limited temporary permanent initial secret formal failed "
    "eight-year 20-year 25-year ten-year five-year 30-day western-brokered brokered then-new much-delayed us-brokered "
    "un-brokered us-mediated mediated proposed draft cold war cold-war era soviet-era post-war postwar".split()
)
#: Words that set it beside another one,
COMPARED = frozenset(
    {"earlier", "previous", "broader", "wider", "basic", "same", "current", "present", "latest", "last"}
)
#: and those that say that it is another one than the one spoken of.
OTHER = frozenset(
    {"older", "other", "another", "similar", "second", "first", "next", "only", "rival", "separate", "further"}
)
#: Participles that are verbs unless an article or one of ADVERBS stands before them: "Israel signed agreements".
VERBS = frozenset({"signed", "brokered", "mediated"})
ADVERBS = frozenset({"newly", "recently", "freshly", "just", "jointly"})
#: What says that it was just made.
NEW = frozenset({"new", "newly", "signed", "landmark", "historic"})
NUMBERS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12,
}  # fmt: skip
#: What a description begins with; POINTING ones point back by themselves and are part of it.
DETERMINERS = frozenset({"the", "that", "this", "those", "these", "its", "their"})
POINTING = frozenset({"the", "this", "that", "these", "those"})
#: Where an agreement was made, not a party to it: "the UN treaty against torture".
UNITED_NATIONS = frozenset({"UN", "U.N.", "United Nations"})
#: Words within what it is about, and words that end it.
LINKING = frozenset({"the", "a", "an", "of", "in", "and", "its", "their"})
NOT_OBJECT = frozenset(
    "a an and or but nor in on at by with over into through about from to of for as is are was were be been has have had will"
    " would can could may might"
    " must should did does do which that who whom whose when where while after before since until between among than then not"
    " there here shall no one ones said says signed agreed if because so also still only again now soon"
    " today yesterday this its his her their".split()
)
