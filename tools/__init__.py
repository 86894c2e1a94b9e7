"""What people who change the course run: reading the lessons, and telling stale results."""
