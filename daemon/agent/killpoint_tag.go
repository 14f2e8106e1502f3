//go:build killpoints

package agent

import "os"

// reached kills the process at the point that HARK_KILL_AT names, as a power
// cut would. The tag is for the kill matrix; no program that is given to anybody
// is built with it.
func (a *Agent) reached(point string) {
	if point != os.Getenv("HARK_KILL_AT") {
		return
	}
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {}
}
