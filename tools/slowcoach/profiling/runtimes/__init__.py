"""Runtimes that can be recorded, one file each: it defines `RUNTIME`."""
