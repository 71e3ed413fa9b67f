"""pprof's profile.proto, read in columns."""
