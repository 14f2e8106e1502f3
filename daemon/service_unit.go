package daemon

import "strings"

// systemUnit is the unit of a system-wide service. Its user exists only while
// it runs, it sees nothing of the homes, and it writes to its own folders only.
// The fields are those that kardianos/service v1.3 fills in.
//
// Settings that can't be read end the program with status 78 (EX_CONFIG):
// starting it again would change nothing. Not 2, with which Go ends what the
// watchdog aborts. A stopped process can't obey the abort: it is killed soon.
const systemUnit = `[Unit]
Description={{Description}}
Documentation=man:hark(1)
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=300
StartLimitBurst=20

[Service]
Type=notify
NotifyAccess=main
ExecStart={{Path | cmdEscape}}{{range Arguments}} {{. | cmd}}{{end}}
{{range EnvVars}}{{.}}
{{end}}EnvironmentFile=-/etc/default/{{Name}}
Restart=on-failure
RestartSec=2
RestartPreventExitStatus=78
TimeoutStartSec=5min
TimeoutStopSec=30
WatchdogSec=15
TimeoutAbortSec=1
DynamicUser=yes
User={{Name}}
StateDirectory={{Name}}
StateDirectoryMode=0700
RuntimeDirectory={{Name}}
ConfigurationDirectory={{Name}}
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`

// userUnit is the unit of one user's service: it may reach what the user may,
// so that tools (mcp.json) work as they do in a shell.
const userUnit = `[Unit]
Description={{Description}}
Documentation=man:hark(1)
StartLimitIntervalSec=300
StartLimitBurst=20

[Service]
Type=notify
NotifyAccess=main
ExecStart={{Path | cmdEscape}}{{range Arguments}} {{. | cmd}}{{end}}
{{range EnvVars}}{{.}}
{{end}}Restart=on-failure
RestartSec=2
RestartPreventExitStatus=78
TimeoutStartSec=5min
TimeoutStopSec=30
WatchdogSec=15
TimeoutAbortSec=1
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes

[Install]
WantedBy=default.target
`

// openRCScript has supervise-daemon start Hark again; the library's own does
// not quote its words.
const openRCScript = `#!/sbin/openrc-run
supervisor=supervise-daemon
name="{{Name}}"
description="{{Description}}"
command={{Path | cmdEscape}}
command_args="{{range Arguments}} {{. | cmd}}{{end}}"
respawn_delay=2
respawn_max=20
respawn_period=300
depend() {
	need net
	after firewall
}
`

// Unit is the systemd unit under which Hark runs as the service of the whole
// machine, or of one user, with the program at path: for packages, which bring
// their units along.
func Unit(user bool, path string) string {
	unit := systemUnit
	if user {
		unit = userUnit
	}
	return strings.NewReplacer(
		"{{Description}}", serviceDescription, "{{Name}}", serviceName,
		"{{Path | cmdEscape}}", path, "{{range Arguments}} {{. | cmd}}{{end}}", " serve",
		"{{range EnvVars}}{{.}}\n{{end}}", "",
	).Replace(unit)
}
