"""Patients, their pumps, and the dates of pumps that come near."""
