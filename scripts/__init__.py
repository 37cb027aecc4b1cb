"""Small programs around the repository, none of them needed to run it."""
