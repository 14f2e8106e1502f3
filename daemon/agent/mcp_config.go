package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
)

// MCPServer says how to reach one server: a command that speaks over its
// standard input and output, or an address that speaks streamable HTTP.
type MCPServer struct {
	Command string            `json:"command"`
	Args    []string          `json:"args"`
	Env     map[string]string `json:"env"` // added to Hark's own, without HARK_*
	Cwd     string            `json:"cwd"`

	Type    string            `json:"type"` // empty: what Command or URL says
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`

	Disabled bool    `json:"disabled"`
	Seconds  float64 `json:"timeout"` // of one call; 0 is a minute
	// Timeouts are those of single tools, in seconds, by the server's own names.
	Timeouts map[string]float64 `json:"timeouts"`
}

// defaultToolTimeout ends a call of a tool that says nothing about it.
const defaultToolTimeout = time.Minute

// timeout is how long one call of a tool may take.
func (s MCPServer) timeout(tool string) time.Duration {
	seconds := s.Seconds
	if own := s.Timeouts[tool]; own > 0 {
		seconds = own
	}
	if seconds <= 0 {
		return defaultToolTimeout
	}
	return time.Duration(seconds * float64(time.Second))
}

func (s MCPServer) transport() string {
	if s.Command == "" && s.URL != "" {
		return "http"
	}
	return "stdio"
}

// ReadMCP reads a file of the usual form, {"mcpServers": {"name": {…}}}. A
// file that is not there names no servers. ${NAME} and ${NAME:-default} stand
// for variables of the environment and are resolved when a server is reached.
// Fields that other programs have added are passed over.
func ReadMCP(path string) (map[string]MCPServer, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read MCP servers: %w", err)
	}
	var file struct {
		Servers map[string]MCPServer `json:"mcpServers"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		at := ""
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			at = fmt.Sprintf(" line %d:", 1+bytes.Count(raw[:min(int(syntax.Offset), len(raw))], []byte("\n")))
		}
		return nil, fmt.Errorf("%s:%s %w: correct the file; it looks like {\"mcpServers\": {\"name\": {\"command\": …}}}", path, at, err)
	}
	if file.Servers == nil && len(bytes.TrimSpace(raw)) > len("{}") {
		return nil, fmt.Errorf("%s: it has no \"mcpServers\": put the servers under that name", path)
	}
	return file.Servers, nil
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}`)

// resolve returns s with its variables filled in, or says what is wrong with
// it. The error holds no values.
func (s MCPServer) resolve() (MCPServer, error) {
	missing := ""
	fill := func(v string) string {
		return variable.ReplaceAllStringFunc(v, func(ref string) string {
			m := variable.FindStringSubmatch(ref)
			if got, ok := os.LookupEnv(m[1]); ok {
				return got
			}
			if m[2] == "" {
				missing = m[1]
			}
			return m[3]
		})
	}
	fillMap := func(in map[string]string) map[string]string {
		out := map[string]string{}
		for k, v := range in {
			out[k] = fill(v)
		}
		return out
	}
	args := make([]string, len(s.Args))
	for i, a := range s.Args {
		args[i] = fill(a)
	}
	s.Command, s.Args, s.Cwd, s.URL = fill(s.Command), args, fill(s.Cwd), fill(s.URL)
	s.Env, s.Headers = fillMap(s.Env), fillMap(s.Headers)
	if missing != "" {
		return s, fmt.Errorf("the variable %s is not set: set it where Hark is started, or write ${%s:-default}", missing, missing)
	}
	return s, s.check()
}

func (s MCPServer) check() error {
	switch {
	case s.Type == "sse":
		return errors.New("it speaks the old SSE transport, which Hark does not know: use its streamable HTTP address")
	case s.Type != "" && s.Type != "stdio" && s.Type != "http" && s.Type != "streamable-http" && s.Type != "streamableHttp":
		return fmt.Errorf("its type %q is not known: use stdio or http", s.Type)
	case s.Command == "" && s.URL == "":
		return errors.New("it has neither a command nor a url: give one of them")
	case s.Command != "" && s.URL != "":
		return errors.New("it has a command and a url: give only one of them")
	case s.URL == "":
		return nil
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("its url can't be read: it looks like https://host/mcp")
	}
	return nil
}

// shortSecret is the length from which a value is taken for a secret: to blank
// out "1" or "true" would only make texts unreadable.
const shortSecret = 6

// secrets returns what blanks out the values that must not be shown.
func (s MCPServer) secrets() *strings.Replacer {
	var pairs []string
	hide := func(v string) {
		if len(v) >= shortSecret {
			pairs = append(pairs, v, "…")
		}
	}
	for _, v := range s.Env {
		hide(v)
	}
	for _, v := range s.Headers {
		hide(v)
		_, token, _ := strings.Cut(v, " ") // "Bearer …"
		hide(token)
	}
	if u, err := url.Parse(s.URL); err == nil {
		hide(u.RawQuery)
		for _, vs := range u.Query() {
			for _, v := range vs {
				hide(v)
			}
		}
		if password, ok := u.User.Password(); ok {
			hide(password)
		}
	}
	return strings.NewReplacer(pairs...)
}
