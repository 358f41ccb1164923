"""The training ground: a telephone carrier on loopback in Twilio's dialect, and the phones on it.

The house runs unchanged against it: the official client, real signatures, real TwiML. Nothing leaves this
machine. `Rehearsal` (server.py) is the whole of it; `Carrier` (carrier.py) is the part that tests hold phones
with.
"""
