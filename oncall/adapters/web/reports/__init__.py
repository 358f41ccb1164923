"""The report of a span: page, plots, paper."""
