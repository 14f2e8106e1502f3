#!/usr/bin/env python3
"""Tells of the lines of a file whose time has come. Run it from cron, every minute:

    * * * * *  /usr/bin/python3 /home/me/bin/reminder_scanner.py

A line is: 2026-11-23 09:00 Water the plants
It is told once, however often this runs: the line itself is the key, and what was told is remembered in
FILE.told beside it. Lines that begin with # and empty ones are passed over.
"""

import datetime
import os
import sys

from hark_push import fire, load_config


def due(lines, now):
    """The lines whose time has come, as (line, text), and what is wrong with others."""
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            at = datetime.datetime.strptime(line[:16], "%Y-%m-%d %H:%M")
        except ValueError:
            print("line %d is not like “2026-11-23 09:00 Water the plants”: %s" % (number, line), file=sys.stderr)
            continue
        if at <= now:
            yield line, line[16:].strip() or "(no text)"


def main():
    config = load_config()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), config.get("reminders", "reminders.txt"))
    told_path = path + ".told"
    told = set()
    if os.path.exists(told_path):
        with open(told_path, encoding="utf-8") as f:
            told = set(f.read().splitlines())
    with open(path, encoding="utf-8") as f:
        lines = f.readlines()
    for line, text in due(lines, datetime.datetime.now()):
        if line in told:
            continue
        fire(config, text, key=line[:128], title="Reminder", tags=["alarm_clock"])
        with open(told_path, "a", encoding="utf-8") as f:  # only after Hark has it
            f.write(line + "\n")


if __name__ == "__main__":
    main()
