"""Symbols as linkers have them, made readable: C++ by the Itanium ABI, Rust's two manglings.

Each module has `demangled(symbol)`, which returns None for what it cannot read whole: a wrong name
is worse than a mangled one.
"""
