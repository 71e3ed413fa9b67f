"""Profiles: one model; readers by format, recorders by runtime, checks by rule."""
