"""Calendars in and out: private feeds of the rota, schedules from elsewhere, and feeds that are watched."""
