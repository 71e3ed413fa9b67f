"""Fuzzing of the profile readers: damaged profiles in, answers or clear errors out.

`python -m fuzz --seconds 60` (with tests/ on the path) runs it; `make fuzz` for an hour.
"""
