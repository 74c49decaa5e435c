"""Effects of an experiment from moments: one gradient for every estimand, one covariance for all."""
