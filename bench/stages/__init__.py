"""What a system runs on: its processes, its store, its core."""
