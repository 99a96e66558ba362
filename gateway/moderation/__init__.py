"""What people send in that others may see, before somebody lets it out: one desk for all kinds of it."""
