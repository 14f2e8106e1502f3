package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// senders makes sure that the programs are there which the tests have speak to
// Hark as they speak to other servers. PowerShell is not among them: Debian does
// not have it.
func senders(ctx context.Context) error {
	var missing []string
	for _, name := range []string{"apprise", "curl", "wget"} { // in Debian the packages are called the same
		if _, err := exec.LookPath(name); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	packages := strings.Join(missing, " ")
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("the tests of other programs' requests need " + packages + "; install them")
	}
	if os.Getuid() != 0 {
		return errors.New("the tests of other programs' requests need " + packages + ", and installing them needs root. Run this once:\n\n\tsudo apt-get update && sudo apt-get install -y " + packages)
	}
	fmt.Println("senders: installing Debian's", packages)
	return command(ctx, []string{"DEBIAN_FRONTEND=noninteractive"}, "sh", "-c",
		"apt-get update -qq && apt-get install -y -qq --no-install-recommends "+packages)
}
