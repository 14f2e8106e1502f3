#!/bin/sh
# The first word says how many versions there are now: on an upgrade, what the
# owner has disabled or stopped stays so.
set -e
if [ "$1" = 1 ] && command -v systemctl >/dev/null; then
	systemctl enable hark.service
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	if [ "$1" = 1 ]; then
		systemctl start hark.service ||
			echo "Hark did not start. Why: sudo journalctl -u hark"
	else
		systemctl try-restart hark.service ||
			echo "Hark did not start. Why: sudo journalctl -u hark"
	fi
fi
if [ "$1" = 1 ]; then
	echo "Let a browser in to Hark with: sudo hark pair"
fi
