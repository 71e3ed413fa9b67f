"""Performance engineering as typed functions: measure, name the cause, prove the fix."""

__version__ = "0.1.0"
