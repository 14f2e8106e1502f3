package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// MCPConfig says which MCP servers there are.
type MCPConfig struct {
	Servers map[string]MCPServer // by name; see [ReadMCP]
	Log     *slog.Logger         // nil is silence
}

// MCP keeps connections to MCP servers and offers their tools. It implements
// [Toolbox]. Servers are reached in the background and independently of each
// other: one that is slow or broken holds up nobody, and is tried again after
// a second, then later and later, up to a minute. A server that is a process
// of ours never outlives Hark, nor a call that was given up; on Windows that
// does not hold if Hark itself is killed.
type MCP struct {
	servers []*mcpServer // by name
	wg      sync.WaitGroup
	end     context.CancelFunc
}

// The states of a server.
const (
	MCPStarting = "starting" // it is being reached
	MCPReady    = "ready"    // its tools can be used
	MCPFailed   = "failed"   // it can't be used; ServerStatus.Detail says why
	MCPDisabled = "disabled" // its owner has switched it off
)

// ServerStatus tells how one server does. It holds no values of env and
// headers.
type ServerStatus struct {
	Name      string    `json:"name"`
	Transport string    `json:"transport"` // "stdio" or "http"
	State     string    `json:"state"`
	Since     time.Time `json:"since"`             // of the state
	Detail    string    `json:"detail,omitempty"`  // what is wrong, and what to do
	Stderr    string    `json:"stderr,omitempty"`  // the last 4 kB that it wrote beside the protocol
	Retry     time.Time `json:"retry,omitzero"`    // when it is tried again; zero: never, or now
	Starts    int       `json:"starts"`            // how often it was reached or tried
	Version   string    `json:"version,omitempty"` // what it calls itself
	Tools     []string  `json:"tools"`             // as [MCP.Tools] names them
}

// NewMCP returns an MCP that does nothing until [MCP.Start].
func NewMCP(c MCPConfig) *MCP {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	m := &MCP{end: func() {}}
	for _, name := range slices.Sorted(maps.Keys(c.Servers)) {
		m.servers = append(m.servers, newMCPServer(name, c.Servers[name], c.Log))
	}
	return m
}

// Start begins to reach the servers and returns at once. They are kept until
// ctx ends or [MCP.Close] is called. Call it once.
func (m *MCP) Start(ctx context.Context) {
	ctx, m.end = context.WithCancel(ctx)
	for _, s := range m.servers {
		m.wg.Go(func() { s.run(ctx) })
	}
}

// Close ends all servers and returns when their processes are gone, within
// about a second. Calls that are running fail.
func (m *MCP) Close() {
	m.end()
	m.wg.Wait()
}

// Settled waits until each server has been reached, or has failed once, or ctx
// ends. Before that, a tool that is not there may still come.
func (m *MCP) Settled(ctx context.Context) error {
	for _, s := range m.servers {
		for {
			settled, changed := s.settled()
			if settled {
				break
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	return nil
}

// Tools implements [Toolbox]. A tool's name is server__tool, made of letters,
// digits, _ and -; where that is too long or taken, it ends in a mark that
// stays the same. Tools of a server that is being reached again are still
// there: a call waits for it for up to ten seconds. What a server says of its
// tools decides their [Replay]; all that it returns is External.
func (m *MCP) Tools(context.Context) []Tool {
	var all []Tool
	taken := map[string]bool{}
	for _, s := range m.servers {
		for _, t := range s.offer() {
			t.Name = mcpToolName(s.name, t.Name, taken)
			taken[t.Name] = true
			all = append(all, t)
		}
	}
	return all
}

// mcpToolName joins the names of a server and of its tool.
func mcpToolName(server, tool string, taken map[string]bool) string {
	full := server + "__" + tool
	name := toolName(full)
	if len(full) <= maxToolName && !taken[name] {
		return name
	}
	sum := sha256.Sum256([]byte(server + "\x00" + tool))
	mark := "_" + hex.EncodeToString(sum[:4])
	return name[:min(len(name), maxToolName-len(mark))] + mark
}

// Status tells how the servers do, by name.
func (m *MCP) Status() []ServerStatus {
	names := map[*mcpServer][]string{}
	taken := map[string]bool{}
	out := make([]ServerStatus, 0, len(m.servers))
	for _, s := range m.servers {
		for _, t := range s.offer() {
			name := mcpToolName(s.name, t.Name, taken)
			taken[name] = true
			names[s] = append(names[s], name)
		}
		st := s.status()
		st.Tools = append([]string{}, names[s]...)
		out = append(out, st)
	}
	return out
}
