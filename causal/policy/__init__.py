"""What to do: the decision read off the effects."""
