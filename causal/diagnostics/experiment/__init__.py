"""The validity gate of experiments: checks made before any effect is read."""
