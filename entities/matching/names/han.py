"""What names written in Han need beside a dictionary: surnames of two characters, and how Korean reads the commonest."""

from __future__ import annotations

from pathlib import Path

COMPOUND_SURNAMES = frozenset(
    "欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 司徒 夏侯 皇甫 尉迟 公孙 公孫 慕容 令狐 宇文 长孫 长孙 端木 申屠 东方 東方 独孤 獨孤 "
    "南宮 南宫 西门 西門 轩辕 百里 呼延 鲜于 鮮于 第五 淳于".split()
)

# Sino-Korean readings of characters that names hold, as names are spelt; own knowledge.
_HANJA = Path(__file__).with_name("hanja.txt").read_text(encoding="utf-8")
HANJA: dict[str, str] = {}
for _line in _HANJA.strip().splitlines():
    _reading = ""
    for _item in _line.split():
        if _item.isascii():
            _reading = _item
        else:
            for _char in _item:
                HANJA.setdefault(_char, _reading)
