"""What a shell command does."""
