"""Who may sign in, how, and what they may do: users, roles, passwords, second factors, sessions."""
