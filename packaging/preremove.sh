#!/bin/sh
set -e
# dpkg says "remove", rpm says how many versions stay: nothing ends on an upgrade.
if [ -d /run/systemd/system ] && { [ "$1" = remove ] || [ "$1" = 0 ]; }; then
	systemctl disable --now hark.service
fi
