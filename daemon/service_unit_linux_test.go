package daemon

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// mostExposed is the score of systemd-analyze security, from 0 (best) to 10,
// that the service of the whole machine stays below.
const mostExposed = 2.0

// analyze has systemd look at a unit of Hark, and returns what it says.
func analyze(t *testing.T, user bool, unit string, args ...string) (said string, err error) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "hark.service")
	if err := os.WriteFile(file, []byte(unit), 0o600); err != nil {
		t.Fatal(err)
	}
	if user {
		args = append(args, "--user")
	}
	cmd := exec.CommandContext(t.Context(), "systemd-analyze", append(args, "--no-pager", file)...)
	// A user's manager is not there in a build: systemd only wants to know where it would be.
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir, "SYSTEMD_COLORS=0")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// systemd has nothing to say against the units that Hark brings along, and would
// say it of a mistake in them.
func TestUnitsAreValid(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Fatal("make test installs it: ", err)
	}
	self, err := os.Executable() // systemd looks whether the program is there
	if err != nil {
		t.Fatal(err)
	}
	for name, user := range map[string]bool{"system": false, "user": true} {
		unit := Unit(user, self)
		// What it says of this machine's other units is not about ours.
		if said, err := analyze(t, user, unit, "verify", "--man=no"); err != nil || strings.Contains(said, "hark") {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
		wrong := strings.Replace(unit, "WatchdogSec=", "WatchdogSek=", 1)
		if said, _ := analyze(t, user, wrong, "verify", "--man=no"); !strings.Contains(said, "WatchdogSek") {
			t.Errorf("%s: a setting that there is not passes:\n%s", name, said)
		}
	}
}

var exposure = regexp.MustCompile(`Overall exposure level for hark\.service: ([0-9.]+)`)

// The service of the whole machine is exposed to little, and can do little.
func TestUnitIsHardened(t *testing.T) {
	// Before version 250 systemd can only score a unit that is installed.
	if out, err := exec.CommandContext(t.Context(), "systemd-analyze", "--help").Output(); err != nil {
		t.Fatal("make test installs it: ", err)
	} else if !strings.Contains(string(out), "--offline") {
		t.Log("this systemd is too old to score a unit")
		return
	}
	said, err := analyze(t, false, Unit(false, "/usr/bin/hark"), "security", "--offline=true")
	found := exposure.FindStringSubmatch(said)
	if err != nil || found == nil {
		t.Fatalf("%v\n%s", err, said)
	}
	t.Log(found[0])
	if score, err := strconv.ParseFloat(found[1], 64); err != nil || score > mostExposed {
		t.Errorf("more than %v: %s\n%s", mostExposed, found[0], said)
	}
}
