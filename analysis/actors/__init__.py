"""The actor map, computed: what reports say together, who connects, how split, what changed. Frames in, findings out.

Whoever calls has left out what the reader may not see: nothing here knows of clearance, so nothing here can leak it.
"""
