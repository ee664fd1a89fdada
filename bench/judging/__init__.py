"""What the measurements say: figures, how well they are known, and whether they are what was promised."""
