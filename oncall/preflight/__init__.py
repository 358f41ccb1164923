"""Everything that must be right outside the program before a family calls, looked at one by one.

Like the composition root it knows all neighbours; nothing imports it but its command. Comparing is pure and stands
apart from asking. Deliberately not here: changing anything, except the number's addresses when somebody says so.
"""
