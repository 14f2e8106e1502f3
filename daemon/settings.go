package daemon

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// setting is one line of `hark serve --help`: the same value as a flag, an
// environment variable and a key of hark.toml.
type setting struct {
	flag, env, key string // key is empty where the file can't say it
	arg, usage     string
	list           bool // may be given more than once
	secret         bool // no flag: the process list would show it
	set            func(string) error
}

func (c *Config) settings() []setting {
	return append([]setting{
		{flag: "addr", env: "HARK_ADDR", key: "addr", arg: "HOST:PORT", usage: "listen on this address; port 0 picks one", set: text(&c.Addr)},
		{flag: "data", env: "HARK_DATA", arg: "DIR", usage: "keep everything in this folder", set: text(&c.Data)},
		{flag: "host", env: "HARK_HOSTS", key: "hosts", arg: "NAME", list: true, usage: "a further name this machine is called by", set: list(&c.Hosts)},
		{flag: "public-url", env: "HARK_PUBLIC_URL", key: "public_url", arg: "URL", usage: "what browsers elsewhere open", set: text(&c.PublicURL)},
		{flag: "trusted-proxy", env: "HARK_TRUSTED_PROXIES", key: "trusted_proxies", arg: "ADDRESS", list: true, usage: "believe X-Forwarded-* of a proxy at this address or range", set: list(&c.TrustedProxies)},
		{flag: "push-allow", env: "HARK_PUSH_ALLOW", key: "push_allow", arg: "HOST:PORT", list: true, usage: "send pushes here although it is private or plain HTTP", set: list(&c.PushAllow)},
		{flag: "push-subject", env: "HARK_PUSH_SUBJECT", key: "push_subject", arg: "MAIL|URL", usage: "how push services reach you", set: text(&c.PushSubject)},
		{flag: "model-kind", env: "HARK_MODEL_KIND", key: "model.kind", arg: "KIND", usage: "openai, anthropic, or builtin for no model", set: text(&c.Model.Kind)},
		{flag: "model-url", env: "HARK_MODEL_URL", key: "model.url", arg: "URL", usage: "address of the model server, such as http://127.0.0.1:11434/v1", set: text(&c.Model.URL)},
		{flag: "model", env: "HARK_MODEL", key: "model.name", arg: "NAME", usage: "model to ask", set: text(&c.Model.Name)},
		{flag: "model-key", env: "HARK_MODEL_KEY", key: "model.key", arg: "KEY", secret: true, usage: "key of the model server", set: text(&c.Model.Key)},
		{flag: "fetch-allow", env: "HARK_FETCH_ALLOW", key: "fetch_allow", arg: "HOST:PORT", list: true, usage: "let models read pages here although it is a private address", set: list(&c.FetchAllow)},
		{flag: "log-level", env: "HARK_LOG_LEVEL", key: "log_level", arg: "LEVEL", usage: "debug, info, warn or error", set: text(&c.LogLevel)},
		{flag: "log-format", env: "HARK_LOG_FORMAT", key: "log_format", arg: "FORMAT", usage: "text or json", set: text(&c.LogFormat)},
		{flag: "log-file", env: "HARK_LOG_FILE", key: "log_file", arg: "FILE", usage: "write the log here, at most 5 files of 10 MB, and not to standard error", set: text(&c.LogFile)},
		{flag: "fire-text", env: "HARK_FIRE_TEXT", key: "limits.fire_text", arg: "BYTES", usage: "longest text of a fire", set: number(&c.Limits.FireText)},
		{flag: "chat-text", env: "HARK_CHAT_TEXT", key: "limits.chat_text", arg: "BYTES", usage: "longest text of a chat message", set: number(&c.Limits.ChatText)},
		{flag: "body", env: "HARK_BODY", key: "limits.body", arg: "BYTES", usage: "largest request", set: number(&c.Limits.Body)},
		{flag: "streams-per-device", env: "HARK_STREAMS_PER_DEVICE", key: "limits.streams_per_device", arg: "N", usage: "open streams of one device or token", set: number(&c.Limits.StreamsPerDevice)},
		{flag: "streams", env: "HARK_STREAMS", key: "limits.streams", arg: "N", usage: "open streams in all", set: number(&c.Limits.Streams)},
		{flag: "fire-per-minute", env: "HARK_FIRE_PER_MINUTE", key: "limits.fire_per_minute", arg: "N", usage: "fires of one token; 0 is no limit", set: number(&c.Limits.FirePerMinute)},
	}, append(c.TLS.settings(), c.Backup.settings()...)...)
}

func text(p *string) func(string) error {
	return func(s string) error { *p = s; return nil }
}

func list(p *[]string) func(string) error {
	return func(s string) error {
		*p = nil
		for part := range strings.SplitSeq(s, ",") {
			if part = strings.TrimSpace(part); part != "" {
				*p = append(*p, part)
			}
		}
		return nil
	}
}

func number(p *int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil {
			return errors.New("write a whole number")
		}
		*p = n
		return nil
	}
}

// Usage is the text of `hark serve --help`: every setting with its flag, its
// environment variable, its key in hark.toml and its default.
func Usage(getenv func(string) string) string {
	c := DefaultConfig(getenv)
	defaults := map[string]string{
		"addr": c.Addr, "data": c.Data, "log-level": c.LogLevel, "log-format": c.LogFormat,
		"fire-text": strconv.Itoa(c.Limits.FireText), "chat-text": strconv.Itoa(c.Limits.ChatText),
		"body": strconv.Itoa(c.Limits.Body), "streams-per-device": strconv.Itoa(c.Limits.StreamsPerDevice),
		"streams": strconv.Itoa(c.Limits.Streams), "fire-per-minute": "0",
		"backup-at": c.Backup.At, "backup-daily": strconv.Itoa(c.Backup.Daily), "backup-weekly": strconv.Itoa(c.Backup.Weekly),
	}
	var b strings.Builder
	b.WriteString("Usage: hark serve [flags]\n\nStarts Hark and serves until it is told to stop.\n" +
		"A flag counts before its environment variable, that before hark.toml in the data folder.\n\n")
	for _, s := range c.settings() {
		name := "--" + s.flag + " " + s.arg
		if s.secret {
			name = "(no flag)"
		}
		fmt.Fprintf(&b, "  %-24s %s", name, s.usage)
		if d := defaults[s.flag]; d != "" {
			fmt.Fprintf(&b, " (default %s)", d)
		}
		fmt.Fprintf(&b, "\n  %-24s %s", "", s.env)
		if s.key != "" {
			fmt.Fprintf(&b, ", %s in hark.toml", s.key)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// nearest suggests the key that was probably meant.
func nearest(name string, table []setting) string {
	best, least := "", 4
	for _, s := range table {
		if d := distance(name, s.key); s.key != "" && d < least {
			best, least = s.key, d
		}
	}
	if best == "" {
		return "; `hark serve --help` lists all"
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance is the Levenshtein distance of two short names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := corner
			if a[i] != b[j] {
				d++
			}
			corner = row[j+1]
			row[j+1] = min(d, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// defaultData is where the service manager wants the data of this service, else
// where programs of a user keep their data on this system, or
// empty if the environment does not say who the user is.
func defaultData(getenv func(string) string) string {
	if dir := readSupervisor(getenv).State; dir != "" {
		return dir
	}
	home := getenv("HOME")
	switch runtime.GOOS {
	case "windows":
		if dir := getenv("LocalAppData"); dir != "" {
			return filepath.Join(dir, "Hark")
		}
		return ""
	case "darwin":
		if home != "" {
			return filepath.Join(home, "Library", "Application Support", "Hark")
		}
		return ""
	}
	if dir := getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "hark")
	}
	if home == "" {
		return ""
	}
	return filepath.Join(home, ".local", "share", "hark")
}
