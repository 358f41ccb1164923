"""An independent answer to "who is on?": years of random rotas, walked through minute by minute.

`wards` makes a rota up and writes its files, `walk` goes through every minute with nothing but the wall clock,
`compare` asks the house the same and looks for a difference. `python -m tests.oracle --help` runs it.
"""
