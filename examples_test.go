package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"hark/e2e/dovecot"
	"hark/store"
)

// workbench is a running Hark, a token for scripts, and a folder with a copy of the
// examples, as somebody has who has just copied them.
type workbench struct {
	t          *testing.T
	l          *life
	dir, token string
	env        []string
}

func newWorkbench(t *testing.T) *workbench {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Log("the examples but notify.ps1 are for systems with a shell")
	}
	bin := buildHark(t, "")
	w := newWorld(t, bin, "model", 0)
	l, err := w.start("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.kill)
	var made struct{ Token string }
	if err := l.call("POST", "/api/tokens", `{"name":"script","scopes":["fire"]}`, &made); err != nil {
		t.Fatal(err)
	}
	b := &workbench{t: t, l: l, dir: filepath.Join(t.TempDir(), "bin"), token: made.Token}
	if err := os.CopyFS(b.dir, os.DirFS("examples")); err != nil {
		t.Fatal(err)
	}
	b.env = append(os.Environ(), "HARK_URL="+l.local.URL, "HARK_TOKEN="+made.Token, "HOME="+filepath.Dir(b.dir),
		"PATH="+b.dir+":"+filepath.Dir(bin)+":"+os.Getenv("PATH"), "PYTHONDONTWRITEBYTECODE=1")
	return b
}

func (b *workbench) write(name, text string) {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		b.t.Fatal(err)
	}
}

// run runs a program in the folder and returns what it printed.
func (b *workbench) run(stdin, name string, args ...string) string {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), name, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = b.dir, b.env, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// messages are all in the inbox, oldest first, as "title|text|priority".
func (b *workbench) messages() (list []string) {
	b.t.Helper()
	var convs struct{ Conversations []store.Conversation }
	if err := b.l.call("GET", "/api/conversations", "", &convs); err != nil {
		b.t.Fatal(err)
	}
	for _, c := range convs.Conversations {
		var page struct{ Messages []store.Message }
		if err := b.l.call("GET", "/api/conversations/"+c.ID+"/messages?limit=200", "", &page); err != nil {
			b.t.Fatal(err)
		}
		for _, m := range page.Messages {
			list = append(list, fmt.Sprintf("%s|%s|%d", m.Title, strings.TrimSpace(m.Text), m.Priority))
		}
	}
	return list
}

// said wants exactly one more message than before, and that it begins so.
func (b *workbench) said(before int, want string) {
	b.t.Helper()
	if got := b.messages(); len(got) != before+1 || !strings.HasPrefix(got[before], want) {
		b.t.Errorf("said %q, want one more than %d, that begins with %q", got, before, want)
	}
}

// Each script and line in examples/ does what it says, against the program itself.
// notify.ps1 is run where there is a PowerShell.
func TestExamples(t *testing.T) {
	b := newWorkbench(t)
	n := 0
	if runtime.GOOS != "windows" {
		b.run("", "./notify.sh", "-k", "k1", "It's", "100 % & \"done\"; @x")
		b.run("", "./notify.sh", "-k", "k1", "It's", "100 % & \"done\"; @x")
		b.said(n, `|It's 100 % & "done"; @x|3`)
		b.run("line 1\nline 2\n", "./notify.sh", "-t", "Log", "-p", "4")
		b.said(n+1, "Log|line 1\nline 2|4")
		n += 2
		b.reminders(n)
		b.cron(n + 1)
		b.unit(n + 3)
		n += 4
	}
	if shell, err := exec.LookPath("pwsh"); err != nil {
		t.Log("there is no PowerShell here: notify.ps1 was not run")
	} else {
		b.run("", shell, "-NoProfile", "-File", "notify.ps1", "Grüße", "-Title", "PS", "-Priority", "4")
		b.said(n, "PS|Grüße|4")
	}
}

func (b *workbench) config(mail string) {
	b.t.Helper()
	b.write("push_config.json", fmt.Sprintf(`{"assistant_fire_url":%q,"token":%q,"reminders":"r.txt","mail":%s}`,
		b.l.local.URL+"/api/assistant/fire", b.token, mail))
}

func (b *workbench) reminders(before int) {
	b.t.Helper()
	b.config("null")
	b.write("r.txt", "# comment\n2020-01-01 09:00 Wässer die Blumen\n2999-01-01 09:00 Not yet\nnonsense\n")
	for range 2 {
		if out := b.run("", "python3", "reminder_scanner.py"); !strings.Contains(out, "line 4") {
			b.t.Errorf("of a line that is no reminder it says %q", out)
		}
	}
	b.said(before, "Reminder|Wässer die Blumen")
	if err := os.Remove(filepath.Join(b.dir, "r.txt.told")); err != nil { // as if it had died before it could write that
		b.t.Fatal(err)
	}
	b.run("", "python3", "reminder_scanner.py")
	b.said(before, "Reminder|")
}

// cron runs the first two lines of crontab, as cron does.
func (b *workbench) cron(before int) {
	b.t.Helper()
	b.write("../.config/hark.env", "HARK_TOKEN="+b.token+"\nHARK_URL="+b.l.local.URL+"\n")
	b.write("backup", "#!/bin/sh\necho no space left\nexit 1\n")
	b.write("check-disks", "#!/bin/sh\necho all well\n")
	text, err := os.ReadFile("examples/crontab")
	if err != nil {
		b.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 6 && strings.Contains(line, "hark.env;") {
			_, command, _ := strings.Cut(line, " set -a;")
			b.run("", "bash", "-c", "set -a;"+command)
		}
	}
	if got := b.messages(); len(got) != before+2 || got[before] != "Backup failed|no space left|4" || !strings.Contains(got[before+1], "all well") {
		b.t.Errorf("cron said %q", got)
	}
}

// unit does what systemd does when a unit fails.
func (b *workbench) unit(before int) {
	b.t.Helper()
	text, err := os.ReadFile("examples/systemd/hark-failure@.service")
	if err != nil {
		b.t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(text), "/bin/bash -c '")
	script, _, _ = strings.Cut(script, "'")
	script = strings.NewReplacer("%i", "nightly.service", "/usr/local/bin/", b.dir+"/").Replace(script)
	b.write("journalctl", "#!/bin/sh\necho \"$2: exit 3\"\n")
	b.run("", "bash", "-c", script)
	b.said(before, "nightly.service failed|nightly.service: exit 3|4")
	if _, err := exec.LookPath("systemd-analyze"); err == nil {
		out := b.run("", "bash", "-c", "systemd-analyze verify systemd/hark-failure@.service 2>&1 || true")
		if strings.Contains(out, "Unknown") || strings.Contains(out, "Failed to parse") {
			b.t.Errorf("systemd says %s", out)
		}
	}
}

// The mail scanner answers what it should, once, and says so; it answers no other
// program.
func TestMailScanner(t *testing.T) {
	m := dovecot.New(t)
	if m == nil {
		return
	}
	b := newWorkbench(t)
	sent, smtp := smtpDouble(t)
	b.config(fmt.Sprintf(`{"imap":"imap+insecure://%s","smtp":"smtp+insecure://%s","user":"anna","from":"anna@home.example","password":"secret","only_from":["Bob@site.example"],"reply":"Soon."}`, m.Addr, smtp))
	letter := "Message-ID: <%s@site.example>\nFrom: Bob <bob@%s>\nSubject: %s\n%s\nHello\n"
	m.Deliver(fmt.Sprintf(letter, "1", "site.example", "Dinner?", ""))
	m.Deliver(fmt.Sprintf(letter, "2", "site.example", "Away", "Auto-Submitted: auto-replied\n"))
	m.Deliver(fmt.Sprintf(letter, "3", "other.example", "Buy", ""))
	for range 2 {
		b.run("", "python3", "mail_scanner.py")
	}
	b.said(0, "Dinner?|I answered Bob <bob@site.example>: “Soon.”")
	if len(sent) != 1 {
		t.Fatalf("%d replies", len(sent))
	}
	reply := <-sent
	for _, want := range []string{"To: Bob <bob@site.example>", "Subject: Re: Dinner?", "In-Reply-To: <1@site.example>", "Auto-Submitted: auto-replied", "Soon."} {
		if !strings.Contains(reply, want) {
			t.Errorf("the reply lacks %q:\n%s", want, reply)
		}
	}
}

// smtpDouble takes any mail (RFC 5321) and hands over its data.
func smtpDouble(t *testing.T) (sent chan string, addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	sent = make(chan string, 100)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go takeMail(c, sent)
		}
	}()
	return sent, ln.Addr().String()
}

func takeMail(c net.Conn, sent chan<- string) {
	defer func() { _ = c.Close() }()
	in := bufio.NewReader(c)
	fmt.Fprint(c, "220 double\r\n")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(line[:min(4, len(line))]); verb {
		case "DATA":
			fmt.Fprint(c, "354 go on\r\n")
			var data strings.Builder
			for line := ""; line != ".\r\n"; {
				if line, err = in.ReadString('\n'); err != nil {
					return
				}
				data.WriteString(line)
			}
			sent <- data.String()
			fmt.Fprint(c, "250 taken\r\n")
		case "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return
		default:
			fmt.Fprint(c, "250 ok\r\n")
		}
	}
}

// The configurations for MCP clients lead to Hark's tools, over HTTP and by the
// command.
func TestExampleMCP(t *testing.T) {
	b := newWorkbench(t)
	const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`
	var config struct {
		Servers map[string]struct {
			Command, URL string
			Args         []string
			Headers      map[string]string
		} `json:"mcpServers"`
	}
	read := func(name string) {
		text, err := os.ReadFile(filepath.Join("examples", "mcp", name))
		if err == nil {
			err = json.Unmarshal(text, &config)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	read("http.json")
	h := config.Servers["hark"]
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, strings.Replace(h.URL, "http://127.0.0.1:4275", b.l.local.URL, 1), strings.NewReader(hello))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", strings.Replace(h.Headers["Authorization"], "hark_…", b.token, 1))
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Accept", "application/json, text/event-stream")
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if text, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(text), `"serverInfo"`) {
		t.Errorf("over HTTP: %s %s, %v", resp.Status, text, err)
	}
	read("stdio.json")
	c := config.Servers["hark"]
	if c.Command != "hark" {
		t.Errorf("the command is %q", c.Command)
	}
	cmd := exec.CommandContext(t.Context(), b.l.w.bin, c.Args...)
	cmd.Env = b.env
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(in, hello)
	line, err := bufio.NewReader(out).ReadString('\n') // a client goes only after the answer
	if err != nil || !strings.Contains(line, `"serverInfo"`) {
		t.Errorf("by the command: %s, %v", line, err)
	}
	_ = in.Close()
	_ = cmd.Wait()
}
