package daemon

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"hark/store"
)

var update = flag.Bool("update", false, "write the goldens in testdata/wire anew")

// The wire is what testdata/wire shows. Each file has a comment, then
//
//	setup      steps that come first, see [script.step]
//	request    the request, as HTTP/1.1 writes it, without what every request has
//	live       steps while the stream of the request is open and ready
//	response   status and headers of the answer
//	body.json  its body, or
//	stream.txt the events of the stream, up to the last change where there are live steps
//
// $1, $2, … are the ids in the order in which they first appeared, {admin} is
// a token. In what is recorded, ids are numbered, and times, cursors' epochs and
// secrets are replaced by fixed ones of the same form. The frontend reads these
// files too, so that its types cannot drift from ours.
func TestWire(t *testing.T) {
	files, err := filepath.Glob("testdata/wire/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no goldens", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			golden, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := record(t, golden)
			if *update {
				if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want, have := string(txtar.Format(golden)), string(txtar.Format(got)); want != have {
				t.Errorf("the wire has changed (run with -update if that is meant):\n%s\nwant:\n%s", have, want)
			}
		})
	}
}

// record plays a golden's input and returns it with the output.
func record(t *testing.T, golden *txtar.Archive) *txtar.Archive {
	t.Helper()
	s := &script{rig: newMemoryRig(t), writers: map[string]*store.Writer{}}
	defer func() {
		for _, w := range s.writers {
			w.Abandon()
		}
	}()
	out := &txtar.Archive{Comment: golden.Comment}
	input := map[string]string{}
	for _, f := range golden.Files {
		if slices.Contains([]string{"setup", "request", "live"}, f.Name) {
			out.Files = append(out.Files, f)
			input[f.Name] = string(f.Data)
		}
	}
	s.steps(input["setup"])
	head, body, _ := strings.Cut(input["request"], "\n\n")
	first, headers, _ := strings.Cut(s.fill(head), "\n")
	method, path, _ := strings.Cut(strings.TrimSpace(first), " ")
	with := func(q *http.Request) {
		q.Header = http.Header{}
		for line := range strings.Lines(headers) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			q.Header.Add(name, value)
			if name == "Host" {
				q.Host = value
			}
		}
	}
	add := func(name string, data []byte) {
		out.Files = append(out.Files, txtar.File{Name: name, Data: data})
	}
	if live, ok := input["live"]; ok {
		l := s.listen(strings.TrimPrefix(path, "/api/assistant/stream"), with)
		var b bytes.Buffer
		write(&b, l.until("ready"))
		for step := range strings.Lines(live) {
			s.steps(step)
			// What was not told before the next change would be told as one.
			for last := s.d.db.Head().String(); !bytes.Contains(b.Bytes(), []byte(last)) || s.owing(b.String()); {
				e, ok := l.next()
				if !ok {
					t.Fatal("the stream ended")
				}
				write(&b, []event{e})
			}
		}
		add("response", s.head(http.StatusOK, l.header))
		add("stream.txt", []byte(s.normal(b.String())))
		return out
	}
	a := s.send(method, path, strings.TrimSuffix(s.fill(body), "\n"), with)
	add("response", s.head(a.StatusCode, a.Header))
	switch {
	case a.Header.Get("Content-Type") == "text/event-stream":
		add("stream.txt", []byte(s.normal(string(a.Body))))
	case len(a.Body) > 0:
		var b bytes.Buffer
		if err := json.Indent(&b, a.Body, "", "  "); err != nil {
			t.Fatalf("%v: %s", err, a.Body)
		}
		add("body.json", []byte(s.normal(b.String())))
	}
	return out
}

func write(b *bytes.Buffer, es []event) {
	for _, e := range es {
		if e.id != "" {
			fmt.Fprintf(b, "id: %s\n", e.id)
		}
		fmt.Fprintf(b, "event: %s\ndata: %s\n\n", e.name, e.data)
	}
}

// script plays the steps of a golden.
type script struct {
	*rig
	ids     []string
	writers map[string]*store.Writer
	texts   []string // written live, that the stream has yet to tell
	model   *fakeModel
	phone   *http.Cookie // of a device that is paired when it is first asked for
}

// cookie is that of the phone.
func (s *script) cookie() *http.Cookie {
	if s.phone == nil {
		s.phone = s.device()
	}
	return s.phone
}

func (s *script) steps(text string) {
	s.t.Helper()
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			s.step(s.fill(line))
		}
	}
}

// step plays one line:
//
//	METHOD PATH [BODY]   a request of the admin's
//	phone METHOD PATH …  a request of a paired device
//	begin                start the agent
//	settle ID            wait until a reply has ended
//	write ID TEXT        add to the text of a pending reply, as a model would
//	call TOOL ARGS       have the model, which there is from then on, call a tool
//	rest ID              wait until a reply has ended or waits for the owner
func (s *script) step(line string) {
	s.t.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "begin":
		s.begin()
	case "settle":
		s.settled(rest)
	case "rest":
		s.restful(rest)
	case "call":
		tool, args, _ := strings.Cut(rest, " ")
		if s.model == nil {
			s.model = newFakeModel(s.t.(*testing.T))
			s.d.models.set = Model{URL: s.model.URL, Name: "m"}
		}
		s.model.plan = append(s.model.plan, [2]string{tool, args})
	case "write":
		id, text, _ := strings.Cut(rest, " ")
		if s.writers[id] == nil {
			w, err := s.d.db.Stream(id)
			if err != nil {
				s.t.Fatal(err)
			}
			s.writers[id] = w
		}
		if _, err := s.writers[id].WriteString(text); err != nil {
			s.t.Fatal(err)
		}
		s.texts = append(s.texts, text)
	default:
		var with []func(*http.Request)
		if verb == "phone" {
			verb, rest, _ = strings.Cut(rest, " ")
			with = append(with, as(s.cookie()))
		}
		path, body, _ := strings.Cut(rest, " ")
		a := s.send(verb, path, body, with...)
		if a.StatusCode > 299 {
			s.t.Fatalf("%s: %d %s", line, a.StatusCode, a.Body)
		}
		s.normal(string(a.Body))
	}
}

// owing reports whether a stream has yet to tell text that was written.
func (s *script) owing(told string) bool {
	return slices.ContainsFunc(s.texts, func(text string) bool { return !strings.Contains(told, text) })
}

var variable = regexp.MustCompile(`\$(\d+)`)

func (s *script) fill(text string) string {
	text = strings.ReplaceAll(text, "{admin}", s.d.admin)
	text = strings.ReplaceAll(text, "{epoch}", s.d.db.Head().Epoch)
	if strings.Contains(text, "{phone}") {
		text = strings.ReplaceAll(text, "{phone}", s.cookie().Name+"="+s.cookie().Value)
	}
	if strings.Contains(text, "{code}") {
		code, _ := s.d.codes.make(codeFor)
		text = strings.ReplaceAll(text, "{code}", code)
	}
	text = variable.ReplaceAllStringFunc(text, func(v string) string {
		n := 0
		if _, err := fmt.Sscanf(v, "$%d", &n); err != nil || n < 1 || n > len(s.ids) {
			s.t.Fatalf("%s is not an id that has appeared", v)
		}
		return s.ids[n-1]
	})
	return aReceipt.ReplaceAllStringFunc(text, func(v string) string {
		message := aReceipt.FindStringSubmatch(v)[1]
		var device string
		err := s.d.db.View(func(tx *store.Tx) error {
			all, err := tx.Deliveries(message)
			for _, p := range all {
				device = p.Device
			}
			return err
		})
		if err != nil || device == "" {
			s.t.Fatalf("%s: message %s was not pushed (%v)", v, message, err)
		}
		return s.d.push.Receipt(message, device, 1)
	})
}

// aReceipt stands for what the push of a message brought with it.
var aReceipt = regexp.MustCompile(`\{receipt (\w+)\}`)

// head is the status and the headers that callers rely on.
func (s *script) head(status int, h http.Header) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n", status)
	for _, name := range []string{"Content-Type", "Cache-Control", "Idempotent-Replayed", "Retry-After", "Allow", "Www-Authenticate", "Set-Cookie", "X-Accel-Buffering"} {
		if v := h.Get(name); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	return []byte(s.normal(b.String()))
}

var (
	anID     = regexp.MustCompile(`\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b`)
	aTime    = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`)
	aWall    = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"`) // of an occurrence that was run by hand
	aSecret  = regexp.MustCompile(`\b(hark_|hark_device=)[A-Z2-7]{26}\b`)
	aCode    = regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b`)
	aMeasure = regexp.MustCompile(`("(?:uptime_s|bytes|free_bytes|ms)": ?)\d+`)
	aKey     = regexp.MustCompile(`"B[\w-]{86}"`)
	aName    = regexp.MustCompile(`("request_id": ?)"\w+"`)
	aDay     = regexp.MustCompile(`"\d{4}-\d\d-\d\d"`)
)

// normal replaces what differs from run to run by something fixed of the same
// form.
func (s *script) normal(text string) string {
	text = aSecret.ReplaceAllString(text, "${1}AAAAAAAAAAAAAAAAAAAAAAAAAA")
	text = anID.ReplaceAllStringFunc(text, func(id string) string {
		n := slices.Index(s.ids, id)
		if n < 0 {
			n = len(s.ids)
			s.ids = append(s.ids, id)
		}
		return fmt.Sprintf("%026d", n+1)
	})
	text = aTime.ReplaceAllString(text, `"2026-11-22T08:30:00.000Z"`)
	text = aWall.ReplaceAllString(text, `"2026-11-22T09:30:00.000"`)
	text = aKey.ReplaceAllString(text, `"BAAA"`)
	text = aName.ReplaceAllString(text, `${1}"AAAAAAAAAAAA"`)
	text = aDay.ReplaceAllString(text, `"2026-11-22"`)
	text = aCode.ReplaceAllString(text, "AAAA-AAAA")
	text = aMeasure.ReplaceAllString(text, "${1}1")
	return strings.ReplaceAll(text, s.d.db.Head().Epoch, "epoch")
}
