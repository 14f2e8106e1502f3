#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
if [ "$1" = purge ]; then
	if command -v deb-systemd-helper >/dev/null; then
		deb-systemd-helper purge hark.service >/dev/null
	fi
	if [ -d /var/lib/private/hark ]; then
		echo "What you and Hark said is still in /var/lib/private/hark. Delete that folder if you want it gone."
	fi
fi
