"""What can't be done with a broadcast."""


class BroadcastError(ValueError):
    """It can't be done. Its text is one sentence that says why, and what to do."""
