"""The coordinators' work: drafts, previews, requests, news, proofs and drills of the rota."""
