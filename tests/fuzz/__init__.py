"""Fuzzing of the readers of profiles and of load results: damaged files in, answers or clear
errors out.

`python -m fuzz --seconds 60` (with tests/ on the path) runs it; `make fuzz` for an hour.
"""
