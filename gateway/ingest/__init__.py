"""Messages in: who they are from, which conversation they belong to, and what comes of them, in one transaction."""
