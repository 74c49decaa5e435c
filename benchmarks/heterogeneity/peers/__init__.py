"""The learners of other packages on the same tables, one package a file."""
