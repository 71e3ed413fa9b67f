"""Names made readable: against the reference tools' own answers, and through the readers."""

import re
import time
from pathlib import Path

import numpy as np
import pytest

import needs
from slowcoach.profiling import readers
from slowcoach.profiling.demangling import itanium, rust
from slowcoach.profiling.model import Frame, Profile, Tree
from slowcoach.profiling.names import named, readable

DATA = Path(__file__).parent / "data" / "names"
# binutils writes the older string classes out in full
LONG = {
    "std::basic_string<char, std::char_traits<char>, std::allocator<char> >": "std::string",
    "std::basic_ostream<char, std::char_traits<char> >": "std::ostream",
    "std::basic_istream<char, std::char_traits<char> >": "std::istream",
}


def rows(name: str) -> list[tuple[str, str]]:
    """Return the symbols of a file, each with its readable name."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [(symbol, known) for symbol, _, known in (line.partition("\t") for line in lines)]


def short(name: str) -> str:
    """Return a name of c++filt with the standard's short names, all spaces in brackets left out."""
    for long, word in LONG.items():
        name = name.replace(long, word)
    return name.replace(" >", ">")


def plain(name: str) -> str:
    """Return a name of `c++filt -s rust` without hashes, lifetimes and types of constants."""
    name = re.sub(r"\[[0-9a-f]+\](?=::|[ >,)\]]|$)", "", name)
    name = re.sub(r"for<[^>]*> |'[a-z_]+ ", "", name)
    name = re.sub(r"<'[a-z]+>", "<'_>", name)
    return re.sub(r"(?<=[\w']): (bool|usize|u\d+|i\d+|char)", "", name)


def test_symbols_of_cpp_are_spelled_as_by_the_reference_or_left() -> None:
    known = rows("cpp.tsv")
    ours = [(itanium.demangled(symbol), short(theirs)) for symbol, theirs in known]
    same = sum(name is not None and short(name) == theirs for name, theirs in ours)
    wrong = [pair for pair in ours if pair[0] is not None and short(pair[0]) != pair[1]]

    assert same >= 0.95 * len(known)
    assert len(wrong) <= 0.015 * len(known), wrong


def test_symbols_of_rust_are_spelled_as_by_the_reference() -> None:
    known = rows("rust.tsv")
    ours = [(rust.demangled(symbol), plain(theirs)) for symbol, theirs in known]
    same = sum(name is not None and plain(name) == theirs for name, theirs in ours)

    assert same >= 0.98 * len(known), [pair for pair in ours if pair[0] != pair[1]][:10]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("_ZN4shop5OrderC2EiNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE",
         "shop::Order::Order(int, std::__cxx11::basic_string<char, std::char_traits<char>, "
         "std::allocator<char> >)"),
        ("_ZNK4shop12_GLOBAL__N_16Secret3runEi",
         "shop::(anonymous namespace)::Secret::run(int) const"),
        ("__ZN4shop5OrderD1Ev", "shop::Order::~Order()"),
        ("_Z1fM1AFivE", "f(int (A::*)())"),
        ("_Z3fooMN2ns1BEi", "foo(int ns::B::*)"),
        ("_ZZN4shop5totalEvENKUlRKNS_5OrderEE_clES2_",
         "shop::total()::{lambda(shop::Order const&)#1}::operator()(shop::Order const&) const"),
        ("_Z3addIiET_S0_S0_.isra.0", "int add<int>(int, int) [clone .isra.0]"),
        ("_ZN4core3fmt9Formatter3pad17h9b2b3a0e5b4d1b31E", "core::fmt::Formatter::pad"),
        ("_ZN4test28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE", "test::{{closure}}"),
        ("_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE",
         "<alloc::string::String as core::fmt::Display>::fmt"),
        ("_RNvC6_123foo3bar", "123foo::bar"),
        ("_RINvNtC3std3mem8align_ofjdE", "std::mem::align_of::<usize, f64>"),
        ("_RNvC5cratesu8gre_x4t", "_RNvC5cratesu8gre_x4t"),
        ("main.(*order).total-fm", "main.(*order).total"),
        ("main.Map[go.shape.int,go.shape.string]", "main.Map[int,string]"),
        ("main.sum[go.shape.struct { Price int }].func1", "main.sum[struct { Price int }].func1"),
        ("runtime.memmove.abi0", "runtime.memmove"),
        ("gopkg.in/yaml%2ev3.Unmarshal", "gopkg.in/yaml.v3.Unmarshal"),
        ("shop.Orders.lambda$total$3", "shop.Orders.total.lambda$3"),
        ("shop.Orders$$Lambda$14/0x0000000800c03000.getAsInt", "shop.Orders$$Lambda.getAsInt"),
        ("shop.Orders$$Lambda/0x00007f8a2c001200.run", "shop.Orders$$Lambda.run"),
        ("java/util/HashMap.get(Ljava/lang/Object;)Ljava/lang/Object;",
         "java.util.HashMap.get(Object)"),
        ("java.util.Arrays.sort([I[[Ljava/lang/String;J)V",
         "java.util.Arrays.sort(int[], String[][], long)"),
        ("scala.collection.immutable.List.$plus$plus", "scala.collection.immutable.List.++"),
        ("shop.Main$.$anonfun$total$1", "shop.Main$.total.anonymous$1"),
        ("handler.<locals>.inner", "handler.inner"),
    ],
)  # fmt: skip
def test_names_become_readable(name: str, shown: str) -> None:
    assert readable(name) == shown


@pytest.mark.parametrize(
    "name",
    [
        *("main.(*order).total", "main.main.func1", "github.com/x/y-fm/z.Run", "std::map::find"),
        *("jQuery.$eq", "$scope.apply", "foo(L)", "render", "<module>", "<lambda>", "", "what?"),
        *("_Zwhat", "_Z", "_ZN", "_RX", "_R", "_ZN3foo", "_Z3fooX", "operator new(unsigned long)"),
        *("jdk.jfr.internal.PlatformRecorder:lambda$startDiskMonitor$1", "com.shop.Order$Item.sum"),
        "(anonymous app.js:3)",
    ],
)
def test_names_that_are_readable_or_cannot_be_read_stay(name: str) -> None:
    assert readable(name) == name


def test_the_package_reads_what_the_rules_do_not() -> None:
    needs.module("demangle")

    assert readable("$s10Foundation4DataV5countSivg") == "Foundation.Data.count.getter : Swift.Int"
    thunk = "_ZGTtNKSt13runtime_error4whatEv"
    assert itanium.demangled(thunk) is None


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "symbol",
    [
        "_Z" + "N1a" * 3000,
        "_Z1fI" + "1aI" * 2000 + "E" * 2001,
        "_Z1f" + "P" * 5000 + "i",
        "_Z1f" + "S_" * 3000,
        "_Z1fI" + "".join(f"1aIS{i or ''}_S_E" for i in range(9)) * 5 + "Ev",
        "_R" + "NC" * 3000 + "C1a",
        "_RINvC1a1f" + "TB2_" * 500 + "E",
        "_RNvC1a999999999999999999b",
        "_RNvC1aB0_",
        "_ZN" + "9" * 4000 + "E",
    ],
)  # fmt: skip
def test_symbols_that_would_take_for_ever_are_left(symbol: str) -> None:
    begun = time.process_time()
    assert readable(symbol)
    assert time.process_time() - begun < 30


def test_all_readers_give_readable_names() -> None:
    text = (
        "main;_ZNK4shop12_GLOBAL__N_16Secret3runEi 3\n"
        "main;_RNvC6_123foo3bar;main.(*T).m-fm 5\n"
        "main;handler.<locals>.inner 1\n"
    )
    profile = readers.read(text.encode(), "stacks.txt")[0]

    assert {frame.name for frame in profile.frames} == {
        "main",
        "shop::(anonymous namespace)::Secret::run(int) const",
        "123foo::bar",
        "main.(*T).m",
        "handler.inner",
    }
    assert profile.total == 9


def test_a_profile_of_readable_names_is_left_as_it_is() -> None:
    tree = Tree(np.array([-1, 0]), np.array([2, 2]), np.array([-1, 0]), np.array([0.0, 1.0]))
    profile = Profile("x", "none", (Frame("work", "a.py", 3),), tree, None)

    assert named([profile])[0] is profile


def test_the_hot_line_keeps_its_place() -> None:
    tree = Tree(np.array([-1, 0]), np.array([2, 2]), np.array([-1, 0]), np.array([0.0, 1.0]))
    frame = Frame("_ZN4shop5OrderD1Ev", "a.cpp", 3)
    profile = Profile("x", "none", (frame,), tree, None, lines=(frame._replace(line=9),))

    assert named([profile])[0].hottest(0) == Frame("shop::Order::~Order()", "a.cpp", 9)
