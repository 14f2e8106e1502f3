//go:build unix

package agent

import (
	"context"
	"os"
	"os/exec"
	"syscall"
)

// keeperScript waits for the end of its input, which comes when Hark is gone
// in whatever way, and then ends its whole group.
const keeperScript = "trap '' TERM; read x; kill -KILL 0"

// processGroup is a server with all its children, led by a keeper: a shell that
// ends the group when Hark dies without having done so itself.
type processGroup struct {
	keeper *exec.Cmd
	rope   *os.File // its other end is the keeper's input
}

// startInGroup starts cmd in a group of its own.
func startInGroup(ctx context.Context, cmd *exec.Cmd) (*processGroup, error) {
	if cmd.Err != nil { // not found, or nothing that can be run
		return nil, cmd.Err
	}
	end, rope, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = end.Close() }()
	keeper := exec.CommandContext(ctx, "/bin/sh", "-c", keeperScript)
	keeper.Stdin = end
	keeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := keeper.Start(); err != nil {
		_ = rope.Close()
		return nil, err
	}
	g := &processGroup{keeper: keeper, rope: rope}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: keeper.Process.Pid}
	if err := cmd.Start(); err != nil {
		g.kill()
		return nil, err
	}
	return g, nil
}

// terminate asks the group to end. The keeper stays, so that its number is not
// given to others before kill.
func (g *processGroup) terminate() {
	_ = syscall.Kill(-g.keeper.Process.Pid, syscall.SIGTERM)
}

// kill ends the group. Call it once.
func (g *processGroup) kill() {
	_ = syscall.Kill(-g.keeper.Process.Pid, syscall.SIGKILL)
	_ = g.rope.Close()
	_ = g.keeper.Wait()
}
