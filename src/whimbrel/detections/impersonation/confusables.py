"""Characters that look like the letters a to z: Cyrillic, Greek, Armenian, IPA and small capitals, digits and signs.

From the Unicode Consortium's confusables (Technical Standard 39, confusables.txt): those that look like Latin letters
in the fonts of phones. Full-width and mathematical letters are folded by NFKD (Unicode Standard Annex 15).
"""

from __future__ import annotations

LIKE = {
    "a": "4\u0251\u0391\u03b1\u0410\u0430",
    "b": "8\u0184\u0392\u0412\u042c\u0432",
    "c": "\u03f2\u03f9\u0421\u0441\u1d04",
    "d": "\u0501",
    "e": "3\u0395\u0415\u0435\u0454\u04bd",
    "f": "\u0192",
    "g": "9\u0261\u0581",
    "h": "\u0397\u041d\u04bb\u0570",
    "i": "!1l|\u0131\u0269\u0399\u03b9\u0406\u0456\u04c0\u04cf",
    "j": "\u03f3\u0408\u0458",
    "k": "\u039a\u03ba\u041a\u043a",
    "m": "\u039c\u041c\u043c",
    "n": "\u039d\u043f\u0578",
    "o": "0\u00f8\u039f\u03bf\u041e\u043e\u0585",
    "p": "\u03a1\u03c1\u0420\u0440",
    "q": "\u051b\u0563",
    "r": "\u0433\u1d26",
    "s": "$5\u0405\u0455",
    "t": "7\u03a4\u03c4\u0422\u0442",
    "u": "\u03c5\u057d\u1d1c",
    "v": "\u03bd\u0475\u1d20",
    "w": "\u03c9\u0461\u051d\u1d21",
    "x": "\u03a7\u03c7\u0425\u0445",
    "y": "\u03a5\u03b3\u0423\u0443\u04ae\u04af",
    "z": "2\u0396\u1d22",
}
"""Lookalikes of each letter, small and capital."""

LETTERS = {ord(like): letter for letter, likes in LIKE.items() for like in likes}
"""For `str.translate`."""

PAIRS = (("rn", "m"), ("vv", "w"), ("ci", "d"))
"""Two letters that look like one; i also represents l."""
