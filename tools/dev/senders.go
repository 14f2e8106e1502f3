package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// senders makes sure that the programs are there which the tests have speak to
// Hark as they speak to other servers. PowerShell is not among them: Debian does
// not have it.
func senders(ctx context.Context) error {
	// In Debian the packages are called as the programs are.
	return debian(ctx, "the tests of other programs' requests", map[string]string{"apprise": "apprise", "curl": "curl", "wget": "wget"})
}

// mailServer makes sure that there is a real mail server for the tests. They do
// without it where it can't be had: it runs on Linux, for root.
func mailServer(ctx context.Context) error {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		fmt.Println("mailserver: dovecot runs on Linux, for root: mail is not tested here")
		return nil
	}
	return debian(ctx, "the tests of mail", map[string]string{"dovecot": "dovecot-imapd"})
}

// services makes sure that systemd is there to look at the units that Hark
// brings along. It need not run; other systems have no units.
func services(ctx context.Context) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	return debian(ctx, "the tests of the service", map[string]string{"systemd-analyze": "systemd"})
}

// debian installs the packages of those programs that are missing.
func debian(ctx context.Context, what string, programs map[string]string) error {
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		if _, err := exec.LookPath(name); err != nil {
			missing = append(missing, programs[name])
		}
	}
	if len(missing) == 0 {
		return nil
	}
	packages := strings.Join(missing, " ")
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("%s need %s; install them", what, packages)
	}
	if os.Getuid() != 0 {
		return fmt.Errorf("%s need %s, and installing them needs root. Run this once:\n\n\tsudo apt-get update && sudo apt-get install -y %s", what, packages, packages)
	}
	fmt.Println("dev: installing Debian's", packages)
	return command(ctx, []string{"DEBIAN_FRONTEND=noninteractive"}, "sh", "-c",
		"apt-get update -qq && apt-get install -y -qq --no-install-recommends "+packages)
}
