"""The words of the Itanium ABI's grammar, and how C++ types and names are spelled."""

import re
from typing import Final

LONGEST: Final = 20_000  # characters of a name; substitutions can make it grow without end
DEEPEST: Final = 200
BUILTIN: Final = {
    **{"v": "void", "w": "wchar_t", "b": "bool", "c": "char", "a": "signed char"},
    **{"h": "unsigned char", "s": "short", "t": "unsigned short", "i": "int", "j": "unsigned int"},
    **{"l": "long", "m": "unsigned long", "x": "long long", "y": "unsigned long long"},
    **{"n": "__int128", "o": "unsigned __int128", "f": "float", "d": "double", "e": "long double"},
    **{"g": "__float128", "z": "...", "Di": "char32_t", "Ds": "char16_t", "Du": "char8_t"},
    **{"Da": "auto", "Dc": "decltype(auto)", "Dn": "decltype(nullptr)"},
}
STANDARD: Final = {
    "St": "std", "Sa": "std::allocator", "Sb": "std::basic_string", "Ss": "std::string",
    "Si": "std::istream", "So": "std::ostream", "Sd": "std::iostream",
}  # fmt: skip
OPERATORS: Final = {
    **{"nw": " new", "na": " new[]", "dl": " delete", "da": " delete[]", "ps": "+", "ng": "-"},
    **{"ad": "&", "de": "*", "co": "~", "pl": "+", "mi": "-", "ml": "*", "dv": "/", "rm": "%"},
    **{"an": "&", "or": "|", "eo": "^", "aS": "=", "pL": "+=", "mI": "-=", "mL": "*=", "dV": "/="},
    **{"rM": "%=", "aN": "&=", "oR": "|=", "eO": "^=", "ls": "<<", "rs": ">>", "lS": "<<="},
    **{"rS": ">>=", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="},
    **{"ss": "<=>", "nt": "!", "aa": "&&", "oo": "||", "pp": "++", "mm": "--", "cm": ","},
    **{"pm": "->*", "pt": "->", "cl": "()", "ix": "[]", "qu": "?", "aw": " co_await"},
}
SPECIAL: Final = {
    "TV": "vtable for ", "TT": "VTT for ", "TI": "typeinfo for ", "TS": "typeinfo name for ",
    "GV": "guard variable for ", "TW": "TLS wrapper function for ", "TH": "TLS init function for ",
}  # fmt: skip
QUALIFIERS: Final = {"K": " const", "V": " volatile", "r": " restrict"}
SUFFIXES: Final = {"j": "u", "l": "l", "m": "ul", "x": "ll", "y": "ull", "i": ""}
CLONE: Final = re.compile(r"(\.[a-zA-Z_]+\.?[0-9]*|\.[0-9]+)+$")
REFERENCE: Final = re.compile(r"\([*&]*&\) ?[(\[].*[)\]]$")  # to a function or an array
NUMBER: Final = re.compile(r"n?\d{1,9}")


class UnreadableError(Exception):
    """A part of the grammar that is not known here, or no symbol at all."""


class Type:
    """A type's text before and after where a name would stand: `int (*` and `)(char)`."""

    __slots__ = ("after", "before")

    def __init__(self, before: str, after: str = "") -> None:
        self.before, self.after = before, after

    def __str__(self) -> str:
        return self.before + self.after


STREAMS: Final = {
    "std::string": "std::basic_string<char, std::char_traits<char>, std::allocator<char> >",
    "std::istream": "std::basic_istream<char, std::char_traits<char> >",
    "std::ostream": "std::basic_ostream<char, std::char_traits<char> >",
    "std::iostream": "std::basic_iostream<char, std::char_traits<char> >",
}


def spelled(argument: str | tuple[str, ...]) -> str:
    return argument if isinstance(argument, str) else ", ".join(filter(None, argument))


def opened(name: str) -> str:
    """Keep `operator<` apart from the bracket that follows it."""
    return f"{name} " if name.endswith("<") else name


def pointed(inner: Type, mark: str) -> Type:
    """A pointer or reference; to a function or an array it needs brackets."""
    if inner.after.startswith(("(", "[")) and inner.before.endswith(" "):
        space = " " if inner.after.startswith("[") else ""
        return Type(f"{inner.before}({mark}", f"){space}{inner.after}")
    if inner.before.endswith("&") and inner.after.startswith(")") and mark.startswith("&"):
        return (
            inner
            if mark == "&&" or not inner.before.endswith("&&")
            else Type(inner.before[:-1], inner.after)
        )
    if mark.startswith("&") and not inner.after and REFERENCE.search(inner.before):
        return inner
    if inner.before.endswith("&") and mark.startswith("&") and not inner.after:
        both = inner.before.endswith("&&") and mark == "&&"  # else one & is what remains of them
        return Type(inner.before.rstrip("&") + ("&&" if both else "&"))
    return Type(inner.before + mark, inner.after)


def pointer_to_member(owner: Type, member: Type) -> Type:
    if member.after.startswith("("):
        return Type(f"{member.before}({owner}::*", f"){member.after}")
    return Type(f"{member} {owner}::*")


def without_arguments(name: str) -> str:
    """Return a name without what stands in angle brackets, those of operators kept."""
    found: list[str] = []
    depth = 0
    for index, letter in enumerate(name):
        operator = "operator" in name[max(index - 10, 0) : index]
        if letter == "<" and not (operator and depth == 0):
            depth += 1
        elif letter == ">" and depth:
            depth -= 1
        elif not depth:
            found.append(letter)
    return "".join(found)
