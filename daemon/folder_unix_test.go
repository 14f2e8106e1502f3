//go:build unix

package daemon

import (
	"os"
	"strings"
	"testing"
)

// What others may do in the data folder is found, and whose it is.
func TestDoctorOfRights(t *testing.T) {
	cfg := stoppedRig(t)
	if err := os.Chmod(cfg.Data, 0o777); err != nil {
		t.Fatal(err)
	}
	if c := find(t, ExamineStopped(cfg), "folder"); c.OK || c.Cure != "chmod 700 "+cfg.Data {
		t.Errorf("%+v", c)
	}
	if err := os.Chmod(cfg.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // who else may give files away
		if err := os.Chown(cfg.storeDir(), 12345, -1); err != nil {
			t.Fatal(err)
		}
		if c := find(t, ExamineStopped(cfg), "folder"); c.OK || !strings.Contains(c.Cure, "chown") {
			t.Errorf("%+v", c)
		}
		if err := os.Chown(cfg.Data, 12345, -1); err != nil {
			t.Fatal(err)
		}
		if _, err := BackUp(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "another user") {
			t.Error(err)
		}
	}
}
