"""Effects of an experiment on users and creators at once, from sums over their pairs."""
