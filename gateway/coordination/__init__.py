"""Coordination: concerns that people raise and support, and initiatives that they propose, find and join."""
