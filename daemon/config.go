package daemon

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// Config is everything Hark can be told at start. The zero value is not
// useful: begin with [DefaultConfig] or [ParseConfig].
type Config struct {
	Addr      string   `toml:"addr"`       // HOST:PORT to listen on; port 0 picks a free one
	Data      string   `toml:"-"`          // the data folder; hark.toml lies in it
	Hosts     []string `toml:"hosts"`      // further names this machine is called by, without port
	PublicURL string   `toml:"public_url"` // what browsers elsewhere open, if not Addr
	// TrustedProxies are addresses and ranges whose X-Forwarded-* headers say
	// who called, under which name and whether by TLS. Nobody else's do.
	TrustedProxies []string `toml:"trusted_proxies"`
	// PushAllow are HOST:PORT pairs of push services that may be reached
	// although they are private or speak plain HTTP.
	PushAllow []string `toml:"push_allow"`
	// PushSubject is how push services reach who runs this Hark: a mail address
	// or an https address (RFC 8292 §2.1). Empty: the public address.
	PushSubject string `toml:"push_subject"`
	Model       Model  `toml:"model"`
	// FetchAllow are HOST:PORT pairs that models may read pages from although
	// they are not on the public internet.
	FetchAllow []string `toml:"fetch_allow"`
	LogLevel   string   `toml:"log_level"`  // debug, info, warn or error
	LogFormat  string   `toml:"log_format"` // text or json
	Limits     Limits   `toml:"limits"`
	TLS        TLS      `toml:"tls"`
	Backup     Backups  `toml:"backup"`

	// LogFile is where the log goes instead of standard error; it is kept below
	// a size. A Windows service has no standard error.
	LogFile string `toml:"log_file"`

	// CheckStore reads all of the store in a folder, in a process that may die of
	// it, and returns store.ErrDamaged or store.ErrInUse as far as it knows. Nil
	// does so in this process: see [CheckStore].
	CheckStore func(dir string) error `toml:"-"`
	// Supervisor is the service manager that started this process, if any.
	Supervisor Supervisor `toml:"-"`
	// Version is shown to clients. Empty means what the build recorded.
	Version string `toml:"-"`
	// Out gets the lines that people and scripts wait for at start: the
	// address, the pairing link, the model. Nil is silence.
	Out io.Writer `toml:"-"`
	// Log gets everything else. Nil is silence; see [Config.NewLogger].
	Log *slog.Logger `toml:"-"`
}

// Model says which model answers. All empty means: look for one on this
// machine, and else use the built-in assistant.
type Model struct {
	Kind string `toml:"kind"` // openai, anthropic or builtin; empty is openai
	URL  string `toml:"url"`
	Name string `toml:"name"`
	Key  string `toml:"key"`
}

// Limits bound what one caller may ask. Sizes are bytes.
type Limits struct {
	FireText         int `toml:"fire_text"`
	ChatText         int `toml:"chat_text"`
	Body             int `toml:"body"`
	StreamsPerDevice int `toml:"streams_per_device"`
	Streams          int `toml:"streams"`
	FirePerMinute    int `toml:"fire_per_minute"` // a token; 0 means no limit
}

// DefaultConfig is what Hark does when it is told nothing. The data folder
// follows the system's custom, found through the environment.
func DefaultConfig(getenv func(string) string) Config {
	return Config{
		Addr:     "127.0.0.1:4275", // HARK on a phone's keys
		Data:     defaultData(getenv),
		LogLevel: "info", LogFormat: "text",
		Supervisor: readSupervisor(getenv),
		Limits: Limits{
			FireText: 64 << 10, ChatText: 256 << 10, Body: 1 << 20,
			StreamsPerDevice: 20, Streams: 10_000,
		},
		Backup: Backups{At: "03:00", Daily: 7, Weekly: 4},
	}
}

// ParseConfig reads the settings of `hark serve`: flags before HARK_*
// environment variables before hark.toml in the data folder before defaults.
// It returns an error that wraps [flag.ErrHelp] if help was asked for; then, or
// after any other error, [Usage] is what to show.
func ParseConfig(args []string, getenv func(string) string) (Config, error) {
	c := DefaultConfig(getenv)
	fromFlags, err := parseFlags(args)
	if err != nil {
		return c, err
	}
	table := c.settings()
	given := map[string]string{}
	for _, s := range table {
		if v := getenv(s.env); v != "" {
			given[s.flag] = v
		}
		if v, ok := fromFlags[s.flag]; ok {
			given[s.flag] = v
		}
	}
	if dir, ok := given["data"]; ok {
		c.Data = dir
	}
	if err := c.readFile(filepath.Join(c.Data, "hark.toml")); err != nil {
		return c, err
	}
	for _, s := range table {
		if v, ok := given[s.flag]; ok {
			if err := s.set(v); err != nil {
				return c, fmt.Errorf("--%s (%s): %w", s.flag, s.env, err)
			}
		}
	}
	return c, c.check()
}

// parseFlags collects the flags that were given.
func parseFlags(args []string) (map[string]string, error) {
	given := map[string]string{}
	set := flag.NewFlagSet("hark serve", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	for _, s := range new(Config).settings() {
		if s.secret {
			continue
		}
		set.Func(s.flag, s.usage, func(v string) error {
			if old, ok := given[s.flag]; ok && s.list {
				v = old + "," + v
			}
			given[s.flag] = v
			return nil
		})
	}
	if err := set.Parse(args); err != nil {
		return nil, fmt.Errorf("hark serve: %w", err)
	}
	if set.NArg() > 0 {
		return nil, fmt.Errorf("hark serve: %q is not a flag; settings are given as --name value", set.Arg(0))
	}
	return given, nil
}

// readFile adds what hark.toml says. A setting it does not know is an error:
// a typo that is ignored would be found when it matters.
func (c *Config) readFile(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	meta, err := toml.Decode(strings.TrimPrefix(string(text), "\ufeff"), c)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		name := unknown[0].String()
		return fmt.Errorf("%s: there is no setting %q%s", path, name, nearest(name, c.settings()))
	}
	return nil
}

func (c *Config) check() error {
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return fmt.Errorf("address %q is not HOST:PORT, such as 127.0.0.1:4275", c.Addr)
	}
	if c.Data == "" {
		return errors.New("no data folder: name one with --data DIR or HARK_DATA")
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("public URL %q is not a web address, such as https://hark.example.org", c.PublicURL)
		}
		c.PublicURL = u.Scheme + "://" + u.Host
	}
	if _, err := parseProxies(c.TrustedProxies); err != nil {
		return err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return fmt.Errorf("log level %q is not debug, info, warn or error", c.LogLevel)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return fmt.Errorf("log format %q is not text or json", c.LogFormat)
	}
	if err := c.TLS.check(); err != nil {
		return err
	}
	if err := c.Backup.check(); err != nil {
		return err
	}
	l := c.Limits
	if l.FireText < 1 || l.ChatText < 1 || l.Body < 1 || l.StreamsPerDevice < 1 || l.Streams < 1 || l.FirePerMinute < 0 {
		return errors.New("limits must be positive numbers")
	}
	return nil
}

// NewLogger makes the logger that LogLevel and LogFormat ask for.
func (c Config) NewLogger(w io.Writer) *slog.Logger {
	var level slog.Level
	if level.UnmarshalText([]byte(c.LogLevel)) != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
