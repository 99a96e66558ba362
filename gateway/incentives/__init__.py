"""Airtime for finishing a poll: at most once for a person and poll, within a budget."""
