"""OpenTelemetry's profiles signal (opentelemetry-proto, profiles/v1development).

The layouts of 1.9 to 1.11 (a table of stacks) and of 1.7 (locations by profile, which
async-profiler 4 writes) are read, as protocol buffers and, for the former, as JSON.
"""
