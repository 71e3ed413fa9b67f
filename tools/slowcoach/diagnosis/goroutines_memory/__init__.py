"""Look at the goroutines of a running Go program from outside, by reading its memory.

Nothing is attached, stopped or injected; a goroutine that moves while it is read is read again.
Stripped programs can be read too: what Go itself needs for its stack traces is in every program.
Needs Linux on x86-64, the right to read `/proc/PID/mem`, and a layout for the program's version of
Go (see `layout`), which is checked against the process.
"""
