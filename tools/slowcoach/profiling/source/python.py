"""Python's source, by the standard library's parser."""

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from slowcoach.profiling.source.syntax import LONGEST, Function, Language, Site

_Def = ast.FunctionDef | ast.AsyncFunctionDef
_Loop = ast.For | ast.AsyncFor | ast.While
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_CACHED = ("cache", "memo")
_TYPES = {
    **dict.fromkeys(("list", "sorted", "tuple", "deque", "List"), "list"),
    **dict.fromkeys(("set", "frozenset", "Set"), "set"),
    **dict.fromkeys(("dict", "defaultdict", "Counter", "OrderedDict", "Dict"), "map"),
    "str": "str",
}
_LITERALS: tuple[tuple[type[ast.expr] | tuple[type[ast.expr], ...], str], ...] = (
    ((ast.List, ast.ListComp, ast.Tuple), "list"),
    ((ast.Set, ast.SetComp), "set"),
    ((ast.Dict, ast.DictComp), "map"),
    (ast.JoinedStr, "str"),
)
_CONVERSIONS = frozenset({"int", "float", "str", "bool", "getattr", "next", "Decimal", "len"})
_TWICE = 2
_SMALL = 8  # items of a literal that is searched: as quick as a set
Types = dict[str, str]


def functions(text: str) -> Sequence[Function]:
    """Return the functions of a module, and the module's own code as `<module>`.

    Raises ValueError when it is not Python of this interpreter's version.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a file's own doubtful escapes
            module = ast.parse(text)
        outer = _types(module)
        sites = [site for site in _sites(module, outer) if site.kind != "import"]
        whole = Function("<module>", 1, text.count("\n") + 1, tuple(sites))
        return [whole, *_functions(module, "", outer)]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"not Python as this interpreter reads it: {error}") from None


def _functions(scope: ast.AST, prefix: str, outer: Types) -> Iterator[Function]:
    for node in _within(scope):
        if isinstance(node, ast.ClassDef):
            of_class = outer | _of_self(node)
            yield from _functions(node, f"{prefix}{node.name}.", of_class)
        elif isinstance(node, _Def):
            types = outer | _arguments(node) | _types(node)
            name = prefix + node.name
            sites = [*_sites(node, types), *_recursion(node)]
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            yield Function(name, first, node.end_lineno or node.lineno, tuple(sites))
            yield from _functions(node, f"{name}.", types)


def _within(scope: ast.AST) -> Iterator[ast.AST]:
    """Return the nodes of a scope, functions and classes in it closed."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, (*_Def.__args__, ast.ClassDef)):
            waiting[:0] = ast.iter_child_nodes(node)


def _types(scope: ast.AST) -> Types:
    """Return the types of names that are only ever given one kind of collection."""
    seen: dict[str, set[str]] = {}
    for node in _within(scope):
        if isinstance(node, ast.Assign):
            if isinstance(node.value, ast.BinOp):  # keeps its type: text = text + more
                continue
            for target in node.targets:
                seen.setdefault(_text(target), set()).add(_type(node.value))
        elif isinstance(node, ast.AnnAssign):
            seen.setdefault(_text(node.target), set()).add(_annotated(node.annotation))
    return {name: kinds.pop() for name, kinds in seen.items() if len(kinds) == 1}


def _of_self(scope: ast.ClassDef) -> Types:
    found: Types = {}
    for node in scope.body:
        if isinstance(node, _Def):
            types = _types(node)
            found |= {name: kind for name, kind in types.items() if name.startswith("self.")}
    return found


def _arguments(node: _Def) -> Types:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return {each.arg: _annotated(each.annotation) for each in every}


def _annotated(node: ast.expr | None) -> str:
    if isinstance(node, ast.Subscript):
        node = node.value
    return _TYPES.get(_text(node).rsplit(".", 1)[-1], "") if node is not None else ""


def _type(node: ast.expr) -> str:
    for kinds, name in _LITERALS:
        if isinstance(node, kinds):
            return name
    if isinstance(node, ast.Constant):
        return "str" if isinstance(node.value, str | bytes) else ""
    if isinstance(node, ast.Call):
        return _TYPES.get(_text(node.func).rsplit(".", 1)[-1], "")
    return ""


def _text(node: ast.AST) -> str:
    """Return a name or an attribute as written; other expressions are shortened to `()`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_text(node.value)}.{node.attr}"[:LONGEST]
    if isinstance(node, ast.Call):
        return f"{_text(node.func)}()"[:LONGEST]
    return ast.unparse(node)[:LONGEST] if isinstance(node, ast.Subscript) else "()"


def _sites(scope: ast.AST, types: Types) -> list[Site]:
    walk = _Walk(types)
    for child in ast.iter_child_nodes(scope):
        walk.visit(child)
    return walk.sites


def _recursion(node: _Def) -> Iterator[Site]:
    """A function that calls itself twice or more, and keeps no results."""
    if any(word in _text(each).lower() for each in node.decorator_list for word in _CACHED):
        return
    body = list(_within(node))
    own = [
        each
        for each in body
        if isinstance(each, ast.Call) and _text(each.func).removeprefix("self.") == node.name
    ]
    keeps = any(
        isinstance(each, ast.Name | ast.Attribute)
        and any(word in _text(each).lower() for word in (*_CACHED, "seen", "known"))
        for each in body
    )
    in_loop = any(isinstance(each, _Loop.__args__) for each in body)
    arithmetic = [each for each in own if _reduces(each)]
    if len(arithmetic) >= _TWICE and not keeps and not in_loop:
        yield Site("recursion", node.name, node.lineno, node.end_lineno or node.lineno)


def _reduces(call: ast.Call) -> bool:
    """Tell whether a call's argument is a smaller number, as in `f(n - 1)`: results repeat."""
    return any(isinstance(each, ast.BinOp) and isinstance(each.op, ast.Sub) for each in call.args)


@dataclass
class _Walk(ast.NodeVisitor):
    """Gathers the sites of one function; nested functions and classes are left to their own."""

    types: Types
    sites: list[Site] = field(default_factory=list)
    loops: list[str] = field(default_factory=list)

    def _add(self, site: Site, node: ast.expr | ast.stmt | ast.ExceptHandler) -> None:
        last = node.end_lineno or node.lineno
        self.sites.append(replace(site, line=node.lineno, last=last, loops=len(self.loops)))

    def _in_loop(self, over: str, nodes: Sequence[ast.AST]) -> None:
        self.loops.append(over)
        for node in nodes:
            self.visit(node)
        self.loops.pop()

    def visit(self, node: ast.AST) -> None:
        """Look at a node; nested functions and classes are left out."""
        if not isinstance(node, (*_Def.__args__, ast.ClassDef)):
            super().visit(node)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        """Look at what it goes over outside the loop, at the body within."""
        self.visit(node.iter)
        over = _text(node.iter)
        if over in self.loops and over != "()":
            self._add(Site("nested", over, 0, 0), node)
        self._in_loop(over, [*node.body, *node.orelse])

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_While(self, node: ast.While) -> None:
        """Look at the condition and the body, each as often as the loop turns."""
        self._in_loop("while", [node.test, *node.body])

    def _comprehension(self, node: _Comprehension) -> None:
        self.visit(node.generators[0].iter)
        first, *others = node.generators
        rest = [each.iter for each in others]
        tests = [test for each in node.generators for test in each.ifs]
        made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        overs = [_text(each.iter) for each in node.generators]
        if len(overs) > len(set(overs)) and "()" not in overs:
            self._add(Site("nested", overs[0], 0, 0), node)
        self._in_loop(_text(first.iter), [*rest, *tests, *made])

    def visit_ListComp(self, node: ast.ListComp) -> None:
        """Take it as the loop that it is."""
        self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        """Take it as the loop that it is."""
        self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        """Take it as the loop that it is."""
        self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        """Take it as the loop that it is."""
        self._comprehension(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Note the call with its receiver's type and the form of its arguments."""
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        of = "" if receiver is None else self._type(receiver)
        self._add(Site("call", _text(node.func), 0, 0, of=of, form=_form(node.args)), node)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Note what is searched with `in`."""
        for operator, right in zip(node.ops, node.comparators, strict=True):
            small = isinstance(right, ast.List | ast.Tuple) and len(right.elts) <= _SMALL
            if isinstance(operator, ast.In | ast.NotIn) and not small:
                self._add(Site("search", _text(right), 0, 0, of=self._type(right)), node)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Note a text or a list that grows."""
        of = self._type(node.target) or _type(node.value)
        if isinstance(node.op, ast.Add):
            self._add(Site("append", _text(node.target), 0, 0, of=of), node)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Note `text = text + more` and `text = more + text`."""
        target, value = _text(node.targets[0]), node.value
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            sides = [_text(value.left), _text(value.right)]
            if target in sides and target != "()":
                types = [self._type(each) for each in (node.targets[0], value.left, value.right)]
                self._add(Site("append", target, 0, 0, of=next(filter(None, types), "")), node)
        self.generic_visit(node)

    def visit_Try(self, node: ast.Try) -> None:
        """Note where exceptions are caught: the whole where little but raising them can cost,
        else what is done about them.
        """
        for handler in node.handlers:
            caught = "" if handler.type is None else _text(handler.type)
            lines: ast.stmt | ast.ExceptHandler = node if _cheap(node.body) else handler
            self._add(Site("handler", caught, 0, 0), lines)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Note an import that runs with the function."""
        self._add(Site("import", ", ".join(each.name for each in node.names), 0, 0), node)

    visit_ImportFrom = visit_Import  # noqa: N815

    def _type(self, node: ast.expr) -> str:
        return _type(node) or self.types.get(_text(node), "")


def _cheap(body: Sequence[ast.stmt]) -> bool:
    """Tell whether a body does no more than convert a value or look it up."""
    nodes = [each for statement in body for each in ast.walk(statement)]
    calls = [_text(each.func) for each in nodes if isinstance(each, ast.Call)]
    imports = any(isinstance(each, ast.Import | ast.ImportFrom) for each in nodes)
    loops = any(isinstance(each, _Loop.__args__) for each in nodes)
    return not imports and not loops and all(each in _CONVERSIONS for each in calls)


def _form(arguments: Sequence[ast.expr]) -> str:
    first = arguments[0] if arguments else None
    if isinstance(first, ast.Constant):
        if first.value == 0:
            return "zero"
        every = all(isinstance(each, ast.Constant) for each in arguments)
        return "constant" if every else "constant first"
    put_together = isinstance(first, ast.JoinedStr) or (
        isinstance(first, ast.BinOp) and isinstance(first.op, ast.Add | ast.Mod)
    )
    if put_together:
        return "formatted"
    return "one" if len(arguments) == 1 else ""


LANGUAGE = Language("python", (".py", ".pyw"), (), functions)
