"""How often 95% intervals hold the truth, for every kind of interval, in worlds with known truth.

``python -m benchmarks.coverage --runs 2000 --out docs/coverage.md`` measures it. Most worlds hand the
estimators the true nuisances, so that thousands of runs are cheap and a wrong interval is the
formula's own fault; those called *learned* fit LightGBM in every run and take a tenth of the runs.
"""
