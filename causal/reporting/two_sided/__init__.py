"""The readout of an experiment on users and creators at once, one section a file."""
