"""What a command asks of the stores: publish, tokens, links, tables, accounts, a drill, a purge."""
