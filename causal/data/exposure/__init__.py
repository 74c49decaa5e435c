"""What was received: the range of an exposure."""
