"""Data frames in, findings out. Knows of its siblings only the survey's definitions."""
