"""Who answers: this package, a plain difference, and other packages, one a file."""
