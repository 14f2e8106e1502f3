//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// detach has a process live on when this one, and its terminal, are gone.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
