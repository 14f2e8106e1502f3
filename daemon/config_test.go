package daemon

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func parse(t *testing.T, file string, env map[string]string, args ...string) (Config, error) {
	t.Helper()
	dir := t.TempDir()
	if file != "" {
		if err := os.WriteFile(filepath.Join(dir, "hark.toml"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return ParseConfig(append([]string{"--data", dir}, args...), func(k string) string { return env[k] })
}

// A flag counts before the environment, that before hark.toml, that before the
// default.
func TestConfigLayers(t *testing.T) {
	file := "addr = '127.0.0.1:1'\nlog_level = 'warn'\n[model]\nname = 'file'\nurl = 'http://file'\n[limits]\nfire_text = 7\n"
	env := map[string]string{"HARK_MODEL": "env", "HARK_ADDR": "127.0.0.1:2", "HARK_HOSTS": "a.example, b.example"}
	c, err := parse(t, file, env, "--addr", "127.0.0.1:3")
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:3" || c.Model.Name != "env" || c.Model.URL != "http://file" || c.LogLevel != "warn" ||
		c.Limits.FireText != 7 || c.Limits.ChatText != 256<<10 || len(c.Hosts) != 2 || c.Hosts[1] != "b.example" {
		t.Errorf("got %+v", c)
	}
}

// What can't be understood is an error that names the setting and what to write.
func TestConfigMistakes(t *testing.T) {
	for _, c := range []struct {
		file string
		env  map[string]string
		args []string
		want string
	}{
		{file: "adr = '127.0.0.1:1'", want: `did you mean "addr"?`},
		{file: "[model]\nnmae = 'x'", want: `did you mean "model.name"?`},
		{file: "weather = 1", want: "lists all"},
		{file: "addr = 1", want: "hark.toml"},
		{env: map[string]string{"HARK_ADDR": "nonsense"}, want: "HOST:PORT"},
		{env: map[string]string{"HARK_FIRE_TEXT": "many"}, want: "HARK_FIRE_TEXT"},
		{args: []string{"--log-level", "loud"}, want: "debug, info, warn or error"},
		{args: []string{"--public-url", "hark.example"}, want: "web address"},
		{args: []string{"--nonsense"}, want: "nonsense"},
		{args: []string{"extra"}, want: `"extra"`},
		{args: []string{"--model-key", "x"}, want: "model-key"},
	} {
		if _, err := parse(t, c.file, c.env, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q %v %v: error %v does not say %q", c.file, c.env, c.args, err, c.want)
		}
	}
	if _, err := parse(t, "", nil, "--help"); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("--help: %v", err)
	}
}

// Help lists every setting with its environment variable.
func TestUsageListsAll(t *testing.T) {
	usage := Usage(func(string) string { return "" })
	for _, s := range new(Config).settings() {
		if !strings.Contains(usage, s.env) {
			t.Errorf("usage lacks %s", s.env)
		}
	}
	if strings.Contains(usage, "--model-key") {
		t.Error("a key on the command line would be seen in the process list")
	}
}
