#!/bin/sh
# The first word says how many versions stay: nothing ends on an upgrade.
set -e
if [ "$1" = 0 ] && command -v systemctl >/dev/null; then
	systemctl disable hark.service
	if [ -d /run/systemd/system ]; then
		systemctl stop hark.service || true
	fi
fi
