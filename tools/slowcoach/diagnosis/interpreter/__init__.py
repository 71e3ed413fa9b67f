"""Look into a running CPython from outside, by reading its memory: threads, tasks, containers.

Nothing is attached, stopped or injected; a read that meets a half-written structure fails and
is dropped. Needs Linux, the right to read `/proc/PID/mem` (same user and ptrace permitted, or
root), and a layout for the interpreter's version (see `layout`).
"""
