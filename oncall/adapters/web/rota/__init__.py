"""The rota's pages and API."""
