#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl enable hark.service
	systemctl restart hark.service
	echo "Hark runs. Let a browser in with: sudo hark pair"
fi
