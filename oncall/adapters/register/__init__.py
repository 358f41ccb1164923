"""The register: who may be paged and how, whose pump it is, tasks, API senders, and who changed what.

Plain audited rows, not a journal: `rows` are the tables, `assembling` makes the core's values of them,
`keeping` changes them, `kept` is the port over both, `memory` and `sqlite` are its two stores, `reading`
serves the journal inside its own write, and `importing` takes in the coordinators' spreadsheets.
Deliberately not here: who is on call (the handbook's rotations) and cases (the journal).
"""
