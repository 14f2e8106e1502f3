#!/bin/sh
# As debhelper has it: a service that the owner has disabled stays disabled.
set -e
if deb-systemd-helper --quiet was-enabled hark.service; then
	deb-systemd-helper enable hark.service >/dev/null
else
	deb-systemd-helper update-state hark.service >/dev/null
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	# Settings that it does not start with are no fault of the package.
	deb-systemd-invoke restart hark.service ||
		echo "Hark did not start. Why: sudo journalctl -u hark"
fi
# The second word is the version before, if there was one.
if [ -z "$2" ]; then
	echo "Let a browser in to Hark with: sudo hark pair"
fi
