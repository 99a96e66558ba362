"""What is measured, and the command that measures it: `make bench`; ARGS="engine sealing" for some of it."""
