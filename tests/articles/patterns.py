"""Every regular expression of the project, and texts made of its own parts on which a careless one takes for ever."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import re._constants as sre
import re._parser as sre_parser
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("articles", "entities")
_SKIPPED = ("migrations", "management", "benchmarks", "admin", "urls", "starter")


#: Patterns that are only ever given a few characters, by what they are given (see their uses): the most of them.
BOUNDED = {
    "articles.cleaning._CUT_MARK": 24,  # the end of a line
    "articles.cleaning._ENDS_SENTENCE": 10,
    "articles.cleaning._BYLINE": 120,
    "articles.cleaning._DATE_ONLY": 60,
    "articles.cleaning.furniture.PLAIN": 260,  # MAX_CHARS
    "articles.cleaning.furniture.BARE": 260,
    "articles.cleaning.furniture.EDGE": 260,
    "articles.cleaning.furniture.LISTS": 260,
    "articles.detection.agreements._TOKEN_BEFORE": 40,
    "articles.detection.detect._CAPITAL_BEFORE": 30,
    "articles.detection.roles._WORD_BEFORE": 40,
    "articles.detection.roles._NAME_TITLE": 60,
    "articles.detection.text._ABBREVIATION": 12,
    "articles.resolution.places._DATELINE": 45,
    "articles.resolution.places._FOLLOWED": 45,
    "articles.resolution.places._LISTED": 70,
}
#: Applied to tables of ours alone, when a module is loaded.
OWN = frozenset({" (?![^(]*[)])"})
#: Pattern tables that are only matched against whole lines.
WHOLE = frozenset(f"articles.cleaning.furniture.{table}" for table in ("PLAIN", "BARE", "EDGE"))
_ANCHORED = frozenset({"match", "fullmatch"})


@dataclass(frozen=True)
class Use:
    """A pattern and how the project uses it."""

    pattern: re.Pattern
    methods: frozenset[str]  # match and fullmatch if it is never searched for, else empty
    most: int | None  # characters that it is given at most


def collect() -> dict[str, Use]:
    """Name ("module.variable[n]" or "module:line") → pattern: those of modules, and those written where they are used."""
    found: dict[str, Use] = {}
    for package in PACKAGES:
        names = [module.name for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}.")]
        for name in names:
            if any(part in _SKIPPED for part in name.split(".")) or name.endswith("parsing.worker"):
                continue
            module = importlib.import_module(name)
            used: dict[str, set[str]] = defaultdict(set)
            for variable, method in re.findall(
                r"\b([A-Za-z_]\w*)\.(\w+)\(", Path(module.__file__).read_text(encoding="utf-8")
            ):
                used[variable].add(method)
            for variable, value in vars(module).items():
                if variable.startswith("__"):
                    continue
                methods = {"fullmatch"} if f"{name}.{variable}" in WHOLE else used[variable]
                for number, pattern in enumerate(_patterns(value)):
                    anchored = frozenset(methods) if methods <= _ANCHORED else frozenset()
                    found[f"{name}.{variable}[{number}]"] = Use(pattern, anchored, BOUNDED.get(f"{name}.{variable}"))
            for line, method, pattern in _inline(Path(module.__file__)):
                if pattern.pattern in OWN:
                    continue
                found[f"{name}:{line}"] = Use(pattern, _ANCHORED & {method}, None)
    unique: dict[tuple, str] = {}
    for name, use in found.items():
        if not (":" in name and (use.pattern.pattern, use.pattern.flags) in unique):
            unique.setdefault((use.pattern.pattern, use.pattern.flags), name)
    return {name: found[name] for name in unique.values()}


def _patterns(value: object, depth: int = 0) -> Iterator[re.Pattern]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from _patterns(each, depth + 1)
    elif depth < 4 and isinstance(value, dict):
        for each in value.values():
            yield from _patterns(each, depth + 1)


def _inline(path: Path) -> Iterator[tuple[int, str, re.Pattern]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re") or node.func.attr == "compile":
            continue  # what is compiled is a module's, or stands in a function that a table above would name
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, (str, bytes)):
            flags = (
                re.IGNORECASE if any("IGNORECASE" in ast.dump(each) for each in (*node.args[1:], *node.keywords)) else 0
            )
            yield node.lineno, node.func.attr, re.compile(first.value, flags)


# --- Texts -----------------------------------------------------------------------------------------------------------
_ALPHABET = "a0 A_-.,:;!?'\"()/\\|@\n\téяαअ漢あ가ا“’–\u200c\x00"
_CATEGORIES = {
    sre.CATEGORY_DIGIT: "0", sre.CATEGORY_NOT_DIGIT: "a", sre.CATEGORY_SPACE: " ", sre.CATEGORY_NOT_SPACE: "a",
    sre.CATEGORY_WORD: "a", sre.CATEGORY_NOT_WORD: "-",
}  # fmt: skip


def texts(pattern: re.Pattern, size: int) -> Iterator[str | bytes]:
    """Texts of about that size: each repeat of the pattern pumped behind what must come before it, single parts repeated."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = sre_parser.parse(
        source, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    )
    made: dict[str, None] = {}
    for prefix, body in _pumps(list(tree), ""):
        for unit in {body, body[:1], body + " "} - {""}:
            made[prefix + unit * (size // len(unit)) + "\x01"] = None
            whole = (prefix or unit) + unit
            made[whole * (size // len(whole)) + "\x01"] = None
    sample = _sample(list(tree))
    for unit in {sample, sample[:-1], sample + "\n", *sample[:4], " ", "a", "A", "\n", "a ", "A. ", "0", "Aa "} - {""}:
        made[unit * (size // len(unit)) + "\x01"] = None
    for text in made:
        yield text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text


def _pumps(tree: list, prefix: str) -> Iterator[tuple[str, str]]:
    """(what stands before, what is repeated) for each repeat without a small bound."""
    for operation, argument in tree:
        if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            low, high, inner = argument
            if high is sre.MAXREPEAT or high >= 8:
                yield prefix, _sample(list(inner)) or "a"
            yield from _pumps(list(inner), prefix)
            prefix += _sample(list(inner)) * max(low, 1)
        elif operation is sre.SUBPATTERN:
            yield from _pumps(list(argument[-1]), prefix)
            prefix += _sample(list(argument[-1]))
        elif operation is sre.BRANCH:
            for branch in argument[1][:40]:
                yield from _pumps(list(branch), prefix)
            prefix += _sample(list(argument[1][0]))
        elif operation in (sre.ASSERT, sre.ASSERT_NOT):
            yield from _pumps(list(argument[1]), prefix)
        else:
            prefix += _sample([(operation, argument)])


def _sample(tree: list) -> str:
    """A short text that a piece of a pattern matches, as far as that is easily told."""
    out = []
    for operation, argument in tree:
        if operation is sre.LITERAL:
            out.append(chr(argument))
        elif operation is sre.NOT_LITERAL:
            out.append("a" if argument != 97 else "b")
        elif operation is sre.ANY:
            out.append("a")
        elif operation is sre.IN:
            out.append(_member(argument))
        elif operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            out.append(_sample(list(argument[2])) * min(max(argument[0], 1), 20))
        elif operation is sre.SUBPATTERN:
            out.append(_sample(list(argument[-1])))
        elif operation is sre.ATOMIC_GROUP:
            out.append(_sample(list(argument)))
        elif operation is sre.BRANCH:
            out.append(_sample(list(argument[1][0])))
    return "".join(out)


def _member(items: list) -> str:
    """A character of a class."""
    negated = bool(items) and items[0][0] is sre.NEGATE
    for char in _ALPHABET if negated else "":
        if not any(_holds(item, char) for item in items[1:]):
            return char
    for kind, value in items:
        if kind is sre.LITERAL:
            return chr(value)
        if kind is sre.RANGE:
            return chr(value[0])
        if kind is sre.CATEGORY:
            return _CATEGORIES.get(value, "a")
    return "a"


def _holds(item: tuple, char: str) -> bool:
    kind, value = item
    if kind is sre.LITERAL:
        return ord(char) == value
    if kind is sre.RANGE:
        return value[0] <= ord(char) <= value[1]
    names = {
        sre.CATEGORY_DIGIT: char.isdigit(), sre.CATEGORY_NOT_DIGIT: not char.isdigit(), sre.CATEGORY_SPACE: char.isspace(),
        sre.CATEGORY_NOT_SPACE: not char.isspace(), sre.CATEGORY_WORD: char.isalnum() or char == "_",
        sre.CATEGORY_NOT_WORD: not (char.isalnum() or char == "_"),
    }  # fmt: skip
    return names.get(value, False)


def worst(use: Use, size: int) -> tuple[float, str]:
    """(seconds of processor time, how the text begins) of the slowest text of that many characters."""
    pattern, slowest = use.pattern, (0.0, "")
    for text in texts(pattern, use.most or size):
        signal.setitimer(signal.ITIMER_PROF, KILLED_AFTER)
        began = time.process_time()
        for _ in range(size // use.most if use.most else 1):
            if "fullmatch" in use.methods:
                pattern.fullmatch(text)
            if "match" in use.methods:
                for at in range(0, len(text), max(1, len(text) // 20)):
                    pattern.match(text, at)
            if not use.methods:
                for _ in pattern.finditer(text):
                    pass
        took = time.process_time() - began
        signal.setitimer(signal.ITIMER_PROF, 0)
        slowest = max(slowest, (took, repr(text[:60])))
    return slowest


KILLED_AFTER = 3.0  # seconds of processor time for one text; a pattern that takes longer takes its process along


def measure(size: int, names: list[str] | None = None) -> Iterator[tuple[str, float, str]]:
    """(pattern, seconds, text) of each pattern, in processes that die of the patterns that never end: ``inf`` seconds."""
    child = None
    for name in names or list(collect()):
        if child is None:
            child = subprocess.Popen(
                [sys.executable, "-m", "tests.articles.patterns", str(size)], cwd=ROOT, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1,
            )  # fmt: skip
            assert child.stdout.readline().strip() == "ready"
        child.stdin.write(name + "\n")
        answer = child.stdout.readline()
        if answer:
            seconds, text = answer.rstrip("\n").split("\t", 1)
            yield name, float(seconds), text
        else:
            child.wait()
            child = None
            yield name, float("inf"), ""
    if child is not None:
        child.communicate()


if __name__ == "__main__":  # a child of measure(): a pattern's name a line
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    known = collect()
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    print("ready", flush=True)
    for line in sys.stdin:
        print(*worst(known[line.strip()], int(sys.argv[1])), sep="\t", flush=True)
