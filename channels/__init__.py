"""Ways in and out: one file an adapter, and what turns a prompt into segments, screens and keyboards."""
