"""Rehearsed nights: the whole house on an imagined clock, with everything going wrong to order.

The parts and their order are those of `house`; only the carrier, the store and the hours are imagined, so that a
night takes a fraction of a second and comes out the same again from its seed.
"""
