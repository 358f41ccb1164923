"""Pages and API of patients, their dates, and texts to families."""
