"""Who is on call at any instant, where nobody is, and what a change of the rota would do."""
