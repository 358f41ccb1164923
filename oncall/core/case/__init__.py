"""One case, from its first report to its closing: what is wanted, what happened, what follows. It asks nothing."""
