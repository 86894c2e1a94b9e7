"""The small trained networks that come with the course, and how they were made."""
