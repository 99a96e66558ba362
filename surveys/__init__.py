"""Questions and conversations. Pure: no I/O, no clock, no randomness; knows none of its siblings."""
