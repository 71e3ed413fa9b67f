"""Profiles: one model, a reader for each format, a recorder for each runtime, a check for each rule."""
