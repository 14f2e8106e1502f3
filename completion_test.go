package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// printed is what a command line prints.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, err bytes.Buffer
	if status := run(args, strings.NewReader(""), &out, &err, os.Getenv); status != 0 {
		t.Fatalf("hark %s: status %d, %s", strings.Join(args, " "), status, err.String())
	}
	return out.String()
}

// completed is what each shell that is on this machine offers for a line.
func completed(t *testing.T, line string) map[string]string {
	t.Helper()
	words := strings.Split(line, " ")
	last := len(words) - 1
	out := map[string]string{}
	for shell, script := range map[string]string{
		"bash": "COMP_WORDS=(" + strings.Join(words[:last], " ") + " '" + words[last] + "'); COMP_CWORD=" + string(rune('0'+last)) + "; _hark; echo ${COMPREPLY[@]}",
		"zsh":  "_describe() { for w in $list; do w=${w%%:*}; case $w in '" + words[last] + "'*) print -n -- \"$w \";; esac; done }; words=(" + strings.Join(words[:last], " ") + " '" + words[last] + "'); CURRENT=" + string(rune('1'+last)) + "; _hark",
		"fish": "complete -C'" + line + "' | string replace -r '\\t.*' '' | string join ' '; true",
	} {
		if _, err := exec.LookPath(shell); err != nil {
			t.Logf("no %s here: what it would do is not shown", shell)
			continue
		}
		text := printed(t, "completion", shell)
		if shell == "zsh" {
			text = "compdef() { :; }\n" + text // what compinit defines
		}
		args := map[string][]string{"bash": {"--norc", "-c"}, "zsh": {"-f", "-c"}, "fish": {"--no-config", "-c"}}[shell]
		cmd := exec.CommandContext(t.Context(), shell, append(args, text+"\n"+script)...)
		var fault bytes.Buffer
		cmd.Stderr = &fault
		b, err := cmd.Output()
		if err != nil || fault.Len() > 0 {
			t.Fatalf("%s: %v, %s", shell, err, fault.String())
		}
		out[shell] = strings.TrimSpace(string(b))
	}
	return out
}

// Shells complete verbs, second words, flags and topics after the table of verbs.
func TestCompletion(t *testing.T) {
	for line, want := range map[string]string{
		"hark tok":                 "token",
		"hark token cr":            "create",
		"hark token create --sc":   "--scope",
		"hark fire --prio":         "--priority",
		"hark remind add --sched":  "--schedule",
		"hark remind lis":          "list",
		"hark help envi":           "environment",
		"hark completion power":    "powershell",
		"hark serve --public":      "--public-url",
		"hark fire hello --marked": "",
	} {
		for shell, got := range completed(t, line) {
			if got != want {
				t.Errorf("%s: %q offers %q, want %q", shell, line, got, want)
			}
		}
	}
}

// Every verb and every flag stands in each shell's script and in the man page,
// which names nothing of the machine that made it.
func TestCompletionAndManAreWhole(t *testing.T) {
	t.Setenv("HOME", "/home/somebody")
	pages := map[string]string{"man": printed(t, "help", "man")}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		pages[shell] = printed(t, "completion", shell)
	}
	for _, p := range (&cli{getenv: homely}).places() {
		for _, w := range p.words {
			for name, text := range pages {
				if p.path == "help" || name == "man" && (p.path == "completion" || w.text == "help") {
					continue
				}
				spelt := w.text
				switch name {
				case "fish":
					spelt = strings.TrimLeft(w.text, "-")
				case "man":
					spelt = roffChars(w.text)
				}
				if !strings.Contains(text, spelt) {
					t.Errorf("%s: no %s of hark %s", name, w.text, p.path)
				}
			}
		}
	}
	for name, text := range pages {
		if strings.Contains(text, "somebody") {
			t.Errorf("%s names a folder of this machine", name)
		}
	}
}

// The man page is what groff takes without a warning.
func TestMan(t *testing.T) {
	page := printed(t, "help", "man")
	for i, r := range page {
		if r > '~' || r < ' ' && r != '\n' {
			t.Fatalf("%q is not for every roff", page[max(i-20, 0):i+4])
		}
	}
	if _, err := exec.LookPath("groff"); err != nil {
		t.Log("no groff here: the page is not set")
		return
	}
	cmd := exec.CommandContext(t.Context(), "groff", "-man", "-Tutf8", "-ww")
	cmd.Stdin = strings.NewReader(page)
	var fault bytes.Buffer
	cmd.Stderr = &fault
	set, err := cmd.Output()
	if err != nil || fault.Len() > 0 || len(set) < len(page)/2 {
		t.Errorf("%v, %d bytes: %s", err, len(set), fault.String())
	}
}
