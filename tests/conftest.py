"""What every test may use: nothing leaves the machine, and the caches start empty."""
