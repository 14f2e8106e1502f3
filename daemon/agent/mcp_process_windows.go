package agent

import (
	"context"
	"os/exec"
	"strconv"
)

// processGroup is a server with all its children.
type processGroup struct{ cmd, killer *exec.Cmd }

// startInGroup starts cmd.
func startInGroup(ctx context.Context, cmd *exec.Cmd) (*processGroup, error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	killer := exec.CommandContext(ctx, "taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid))
	return &processGroup{cmd, killer}, nil
}

// terminate does nothing: the end of its input is all that a server without a
// window can be told here.
func (g *processGroup) terminate() {}

// kill ends the process and its children. Call it once.
func (g *processGroup) kill() {
	_ = g.killer.Run()
	_ = g.cmd.Process.Kill()
}
