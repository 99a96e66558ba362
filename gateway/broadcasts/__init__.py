"""What is sent to many: polls that people are invited to, results, and messages."""
