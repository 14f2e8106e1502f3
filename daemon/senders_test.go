package daemon

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"hark/store"
)

// A program that was written for another notification server works as it is. Each
// file of testdata/senders has a comment, which says whose request it is, then
//
//	request      as the program sends it, with {admin} for its token, {basic} for
//	             a name and the token as password, {user} for the token as name,
//	             {auth} for ntfy's ?auth=
//	response     status and headers
//	body.json    the answer
//	message.txt  what the owner reads, if anything was said
func TestSenders(t *testing.T) {
	files, err := filepath.Glob("testdata/senders/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no requests", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			golden, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, golden)
			if *update {
				if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want, have := string(txtar.Format(golden)), string(txtar.Format(got)); want != have {
				t.Errorf("the answer has changed (run with -update if that is meant):\n%s\nwant:\n%s", have, want)
			}
		})
	}
}

// replay sends a golden's request and returns it with what came of it.
func replay(t *testing.T, golden *txtar.Archive) *txtar.Archive {
	t.Helper()
	s := &script{rig: newMemoryRig(t)}
	out := &txtar.Archive{Comment: golden.Comment, Files: golden.Files[:1]}
	head, body, _ := strings.Cut(string(golden.Files[0].Data), "\n\n")
	basic := func(name, password string) string {
		return base64.StdEncoding.EncodeToString([]byte(name + ":" + password))
	}
	fill := strings.NewReplacer("{admin}", s.d.admin, "{basic}", basic("home", s.d.admin), "{user}", basic(s.d.admin, ""),
		"{auth}", base64.RawURLEncoding.EncodeToString([]byte("Basic "+basic("", s.d.admin)))).Replace
	first, headers, _ := strings.Cut(fill(head), "\n")
	method, path, _ := strings.Cut(first, " ")
	body = strings.TrimSuffix(body, "\n")
	if quoted, ok := strings.CutPrefix(body, "go:"); ok { // bytes that no text file holds
		var err error
		if body, err = strconv.Unquote(quoted); err != nil {
			t.Fatal(err)
		}
	}
	a := s.send(method, path, body, func(q *http.Request) {
		q.Header = http.Header{}
		for line := range strings.Lines(headers) {
			name, value, _ := strings.Cut(strings.TrimRight(line, "\n"), ": ")
			q.Header.Add(name, value)
		}
	})
	add := func(name string, data []byte) {
		out.Files = append(out.Files, txtar.File{Name: name, Data: data})
	}
	add("response", s.head(a.StatusCode, a.Header))
	var b bytes.Buffer
	if err := json.Indent(&b, a.Body, "", "  "); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
	add("body.json", []byte(unixTime.ReplaceAllString(s.normal(b.String()), `${1}1795336200`)))
	if text := s.said(); text != "" {
		add("message.txt", []byte(text))
	}
	return out
}

// said is the one message of the store, as its reader sees it.
func (s *script) said() string {
	s.t.Helper()
	var b strings.Builder
	err := s.d.db.View(func(tx *store.Tx) error {
		all, err := tx.Conversations()
		if err != nil {
			return err
		}
		for _, c := range all {
			ms, _, err := tx.Messages(c.ID, "", 10)
			if err != nil {
				return err
			}
			for _, m := range ms {
				writeMessage(&b, c, m)
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return b.String()
}

func writeMessage(b *strings.Builder, c *store.Conversation, m *store.Message) {
	fmt.Fprintf(b, "in: %s\n", c.Title)
	for _, f := range []struct{ name, value string }{
		{"title", m.Title}, {"tags", strings.Join(m.Tags, ", ")}, {"click", m.Click},
	} {
		if f.value != "" {
			fmt.Fprintf(b, "%s: %s\n", f.name, f.value)
		}
	}
	if m.Priority != 0 {
		fmt.Fprintf(b, "priority: %d\n", m.Priority)
	}
	for _, a := range m.Actions {
		fmt.Fprintf(b, "button: %s, %s %s\n", a.Label, a.Kind, a.URL)
	}
	if m.Format == "" {
		b.WriteString("as: Markdown\n")
	}
	fmt.Fprintf(b, "\n%s\n", m.Text)
}

var unixTime = regexp.MustCompile(`("(?:time|last_access)": )\d{10}`)
