"""C++ symbols by the Itanium ABI, spelled as `c++filt` does.

The grammar: https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling. Left out: expressions
(decltype, noexcept) and vectors, whose symbols stay as they are.
"""

import re

from slowcoach.profiling.demangling.itanium_words import (
    BUILTIN,
    CLONE,
    DEEPEST,
    LONGEST,
    NUMBER,
    OPERATORS,
    QUALIFIERS,
    SPECIAL,
    STANDARD,
    STREAMS,
    SUFFIXES,
    Type,
    UnreadableError,
    opened,
    pointed,
    pointer_to_member,
    spelled,
    without_arguments,
)


def demangled(symbol: str) -> str | None:
    """Return the name with its parameters, None for what cannot be read whole."""
    clone = CLONE.search(symbol)
    core = symbol[: clone.start()] if clone else symbol
    start = core.find("_Z")
    if start not in {0, 1} or len(core) > LONGEST:
        return None
    try:
        name = _Reader(core[start + 2 :]).whole()
    except (UnreadableError, IndexError, RecursionError):
        return None
    if clone is None:
        return name
    return name + "".join(f" [clone {each}]" for each in _clones(clone[0]))


def _clones(text: str) -> list[str]:
    """`.constprop.0.cold` are two copies: one of constants, one of what hardly runs."""
    return re.findall(r"\.[a-zA-Z_]+(?:\.[0-9]+)*|(?:\.[0-9]+)+", text)


class _Reader:
    """Reads one symbol from left to right; what was read can be named again (substitutions)."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0
        self.known: list[Type] = []
        self.arguments: list[str | tuple[str, ...]] = []
        self.member = 0  # of the pack that is expanded
        self.members: int | None = None  # and how many it has
        self.spoiled: set[int] = set()  # what was read for one member of a pack only
        self.lambdas = 0
        self.qualifiers = ""
        self.returns = False  # whether the name was a template, whose return type is told

    def whole(self) -> str:
        """Return the whole symbol's name."""
        name = self.encoding()
        if self.at != len(self.text):
            raise UnreadableError
        return name

    def peek(self, *options: str) -> str:
        """Return the first of these that comes next, or nothing."""
        return next((each for each in options if self.text.startswith(each, self.at)), "")

    def take(self, *options: str) -> str:
        """Return it and go on behind it."""
        found = self.peek(*options)
        self.at += len(found)
        return found

    def need(self, *options: str) -> str:
        """Demand one of these."""
        found = self.take(*options)
        if not found:
            raise UnreadableError
        return found

    def remember(self, what: Type) -> Type:
        """Let it be named again."""
        if len(str(what)) > LONGEST:
            raise UnreadableError
        self.known.append(what)
        return what

    def encoding(self, *, outermost: bool = True) -> str:
        """A function with its parameters, data, or something special; only the outermost tells
        its return type.
        """
        special = self.take(*SPECIAL)
        if special:
            of_type = special in {"TV", "TT", "TI", "TS"}
            return SPECIAL[special] + (str(self.type()) if of_type else self.name())
        thunk = self.take("Th", "Tv")
        if thunk:
            for _ in range(1 if thunk == "Th" else 2):  # offsets
                self.number()
                self.need("_")
            return ("non-virtual" if thunk == "Th" else "virtual") + f" thunk to {self.encoding()}"
        name, qualifiers = self.name(), self.qualifiers
        if self.at == len(self.text) or self.peek("E"):
            return name + qualifiers
        result = self.type() if self.returns else None
        parameters = self.parameters()
        whole = f"{name}({parameters}){qualifiers}"
        if result is None or not outermost:
            return whole
        return f"{result.before} {whole}{result.after}"

    def parameters(self) -> str:
        """All types up to the end."""
        found: list[str] = []
        while self.at < len(self.text) and not self.peek("E", "RE", "OE"):
            found += self.expanded() if self.peek("Dp") else [str(self.type())]
        return "" if found == ["void"] else ", ".join(found)

    def expanded(self) -> list[str]:
        """A type for each member of a pack that it names, perhaps for none."""
        self.need("Dp")
        begin, known = self.at, list(self.known)
        outer, self.member, self.members = self.member, 0, None
        found = [str(self.type())]
        for member in range(1, self.members or 0):
            self.member, self.at, self.known = member, begin, list(known)
            found.append(str(self.type()))
        if self.members is None:
            raise UnreadableError
        count, self.member, self.members = self.members, outer, None
        self.spoiled |= set(range(len(known), len(self.known) + 1))
        self.remember(Type(""))
        return found[:count]

    def name(self) -> str:
        """The name of a function or of data."""
        self.returns, self.qualifiers = False, ""
        if self.take("Z"):
            return self.local()
        if self.take("N"):
            return self.nested()
        if self.peek("S") and not self.peek("St"):
            base = str(self.substitution())
        elif self.take("St"):
            base = "std::" + self.unqualified("")
            if self.peek("I"):
                self.remember(Type(base))
        else:
            base = self.unqualified("")
            if self.peek("I"):
                self.remember(Type(base))
        if self.peek("I"):
            base = opened(base) + self.template()
            self.returns = not self._special_name(base)
        return base

    def local(self) -> str:
        """Something within a function."""
        kept = self.returns, self.qualifiers
        function = self.encoding(outermost=False)
        self.returns, self.qualifiers = kept
        self.need("E")
        if self.take("s"):
            self.discriminator()
            return f"{function}::string literal"
        if self.take("d"):
            raise UnreadableError  # a parameter's default
        inner = self.name()
        self.discriminator()
        return f"{function}::{inner}"

    def discriminator(self) -> None:
        if self.take("__"):
            self.number()
            self.need("_")
        elif self.peek("_") and self.text[self.at + 1 : self.at + 2].isdigit():
            self.at += 2

    def nested(self) -> str:
        """Names within names, `N...E`."""
        qualifiers = ""
        while part := self.take(*QUALIFIERS):
            qualifiers = QUALIFIERS[part] + qualifiers
        reference = {"R": " &", "O": " &&", "": ""}[self.take("R", "O")]
        name, template = "", False
        while not self.take("E"):
            template = False
            if self.peek("S") and not self.peek("St"):
                name = str(self.substitution())
                continue
            if self.peek("T") and not name:
                name = str(self.template_parameter())
                self.remember(Type(name))
                continue
            if self.peek("I"):
                name = opened(name) + self.template()
                template = not self._special_name(name)
            elif self.take("St"):
                name = "std"
                continue
            else:
                part = self.unqualified(name)
                name = f"{name}::{part}" if name else part
            if not self.peek("E"):
                self.remember(Type(name))
        self.qualifiers, self.returns = qualifiers + reference, template
        return name

    @staticmethod
    def _special_name(name: str) -> bool:
        """Constructors, destructors and conversions tell no return type."""
        outer = without_arguments(name)
        parts = outer.split("::")
        last = parts[-1]
        if last.startswith(("~", "operator ")) and not last.startswith(
            ("operator new", "operator delete", "operator co_await")
        ):
            return True
        return len(parts) > 1 and last == parts[-2]

    def unqualified(self, scope: str) -> str:
        """One word of a name, with its ABI tags."""
        self.take("L")
        if self.text[self.at : self.at + 1].isdigit():
            found = self.word()
        elif self.peek("C", "D") and self.text[self.at + 1 : self.at + 2] in set("012345"):
            found = self.constructor(scope)
        elif self.take("Ul"):
            found = self.closure()
        elif self.take("Ut"):
            found = f"{{unnamed type#{self.ordinal()}}}"
        else:
            found = self.operator()
        while self.take("B"):
            found += f"[abi:{self.word()}]"
        return found

    def constructor(self, scope: str) -> str:
        kind = self.text[self.at]
        self.at += 2
        last = without_arguments(STREAMS.get(scope, scope)).rpartition("::")[2]
        last = re.sub(r"\[abi:\w+\]", "", last)
        if not last:
            raise UnreadableError
        return f"~{last}" if kind == "D" else last

    def closure(self) -> str:
        self.lambdas += 1
        parameters = self.parameters()
        self.lambdas -= 1
        self.need("E")
        return f"{{lambda({parameters})#{self.ordinal()}}}"

    def ordinal(self) -> int:
        """Which one in its scope: `_` is the first, `0_` the second."""
        if self.take("_"):
            return 1
        count = self.number() + 2
        self.need("_")
        return count

    def operator(self) -> str:
        if self.take("cv"):
            return f"operator {self.type()}"
        if self.take("li"):
            return f'operator"" {self.word()}'
        return "operator" + OPERATORS[self.need(*OPERATORS)]

    def word(self) -> str:
        """A length and so many characters."""
        size = self.number()
        found = self.text[self.at : self.at + size]
        if size <= 0 or len(found) < size:
            raise UnreadableError
        self.at += size
        return "(anonymous namespace)" if found.startswith("_GLOBAL__N") else found

    def number(self) -> int:
        match = NUMBER.match(self.text, self.at)
        if not match:
            raise UnreadableError
        self.at = match.end()
        return int(match[0].replace("n", "-"))

    def substitution(self) -> Type:
        """Something that was named before, or a part of the standard library."""
        short = self.take(*STANDARD)
        if short:
            name = STANDARD[short]
            if short == "St":
                name = "std::" + self.unqualified("")
                return self.remember(Type(name))
            if self.peek("C", "D"):
                name = STREAMS.get(name, name)
            return Type(name)
        self.need("S")
        index = 0
        if not self.take("_"):
            end = self.text.index("_", self.at) if "_" in self.text[self.at :] else self.at
            digits = self.text[self.at : end]
            if not digits or not digits.isalnum():
                raise UnreadableError
            index, self.at = int(digits, 36) + 1, end + 1
        if index >= len(self.known) or index in self.spoiled:
            raise UnreadableError
        if "auto:" in str(self.known[index]) and not self.lambdas:
            raise UnreadableError  # of a lambda's parameter, which means another one here
        return self.known[index]

    def template_parameter(self) -> str:
        self.need("T")
        index = 0 if self.take("_") else self.number() + 1
        if index:
            self.need("_")
        if self.lambdas:
            return f"auto:{index + 1}"
        if index >= len(self.arguments):
            raise UnreadableError
        found = self.arguments[index]
        if isinstance(found, str):
            return found
        self.members = len(found)
        return found[self.member] if found else ""

    def template(self) -> str:
        """Arguments in angle brackets; those of the outermost are the ones that `T_` names."""
        self.need("I")
        found = self.template_arguments()
        self.arguments = found
        shown = ", ".join(filter(None, (spelled(each) for each in found)))
        return f"<{shown} >" if shown.endswith(">") else f"<{shown}>"  # as binutils writes it

    def template_arguments(self) -> list[str | tuple[str, ...]]:
        found: list[str | tuple[str, ...]] = []
        while not self.take("E"):
            if self.take("J"):
                found.append(tuple(spelled(each) for each in self.template_arguments()))
            elif self.take("L"):
                found.append(self.literal())
            elif self.take("X"):  # only the plainest expression: another argument
                found.append(self.template_parameter())
                self.need("E")
            elif self.peek("Dp"):
                found += self.expanded()
            else:
                kept = self.arguments
                found.append(str(self.type()))
                self.arguments = kept
        return found

    def literal(self) -> str:
        if self.take("_Z"):
            kept = self.returns, self.qualifiers
            inner = self.encoding(outermost=False)
            self.returns, self.qualifiers = kept
            self.need("E")
            return f"&{inner}" if inner.endswith(")") else inner
        code = self.peek("b", *SUFFIXES)
        kind = str(self.type())
        value = "" if self.peek("E") else str(self.number())
        self.need("E")
        if code == "b":
            return {"0": "false", "1": "true"}[value] if value in {"0", "1"} else f"(bool){value}"
        if code in SUFFIXES:
            return value + SUFFIXES[code]
        return f"({kind}){value}" if value else kind

    def type(self) -> Type:
        """A type, remembered unless it is built in."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnreadableError
        try:
            return self._type()
        finally:
            self.depth -= 1

    def _type(self) -> Type:
        builtin = self.take(*(each for each in BUILTIN if len(each) > 1)) or self.take(*BUILTIN)
        if builtin:
            return Type(BUILTIN[builtin])
        qualifiers = ""
        while part := self.take(*QUALIFIERS):
            qualifiers = QUALIFIERS[part] + qualifiers
        if qualifiers:
            inner = self.type()
            return self.remember(Type(inner.before + qualifiers, inner.after))
        mark = {"P": "*", "R": "&", "O": "&&", "": ""}[self.take("P", "R", "O")]
        if mark:
            return self.remember(pointed(self.type(), mark))
        return self._compound()

    def _compound(self) -> Type:
        if self.take("F"):
            self.take("Y")
            result = self.type()
            parameters = self.parameters()
            reference = {"RE": " &", "OE": " &&", "E": ""}[self.need("RE", "OE", "E")]
            after = f"({parameters}){reference}{result.after}"
            return self.remember(Type(f"{result.before} ", after))
        if self.take("A"):
            size = str(self.number()) if not self.peek("_") else ""
            self.need("_")
            inner = self.type()
            return self.remember(Type(f"{inner.before} ", f"[{size}]{inner.after}"))
        if self.take("M"):
            owner, member = self.type(), self.type()
            return self.remember(pointer_to_member(owner, member))
        if self.peek("T") and not self.peek("Ts", "Tu", "Te"):
            found = self.remember(Type(self.template_parameter()))
            return self._with_arguments(found)
        if self.peek("S"):
            return self._with_arguments(self.substitution())
        if self.peek("D"):
            raise UnreadableError
        return self._class()

    def _class(self) -> Type:
        self.take("Ts", "Tu", "Te")
        kept = self.returns, self.qualifiers, self.arguments
        name = self.name()
        self.returns, self.qualifiers, self.arguments = kept
        return self.remember(Type(name))

    def _with_arguments(self, base: Type) -> Type:
        if not self.peek("I"):
            return base
        kept = self.arguments
        text = str(base) + self.template()
        self.arguments = kept
        return self.remember(Type(text))
