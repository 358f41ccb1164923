"""The line looks after itself: its proofs, its vigil, and what is kept when the store refuses."""
