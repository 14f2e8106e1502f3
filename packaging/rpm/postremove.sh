#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
if [ "$1" = 0 ] && [ -d /var/lib/private/hark ]; then
	echo "What you and Hark said is still in /var/lib/private/hark. Delete that folder if you want it gone."
fi
