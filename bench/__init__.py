"""One benchmark a file; each prints a ratio to a baseline of the same run."""
