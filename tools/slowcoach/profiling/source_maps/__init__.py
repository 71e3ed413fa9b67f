"""Source maps: frames of bundled and transpiled JavaScript brought back to their sources.

The format: https://tc39.es/ecma426/ (version 3). Maps are read from local files only, never from
the network, up to a size; a map that cannot be read is left aside with a warning.
"""

from slowcoach.profiling.source_maps.finding import Maps
from slowcoach.profiling.source_maps.frames import apply, apply_to_heap, move

__all__ = ["Maps", "apply", "apply_to_heap", "move"]
