"""Sums of an experiment: what its metrics need of each arm and stratum, and how parts add up."""
