"""Estimators of what exposure is worth: sets that hold with weak instruments, examination by slot."""
