package daemon

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hark/store"
)

// exportPage is how many messages are read at once; writers are not kept waiting.
const exportPage = 200

// export serves GET /api/export?format=jsonl|markdown: everything that was said,
// reminders and what is remembered. No secrets: no tokens, devices, settings or
// keys. What is said while it runs may be in it or not.
func (d *Daemon) export(w http.ResponseWriter, r *http.Request, _ caller) error {
	form := r.URL.Query().Get("format")
	var out exporter
	buf := bufio.NewWriterSize(w, 64<<10)
	kind := "application/jsonl"
	switch form {
	case "", "jsonl":
		out = &jsonExport{enc: json.NewEncoder(buf)}
	case "markdown":
		out, kind = &markdownExport{w: buf, zone: d.wall()}, "text/markdown; charset=utf-8"
	default:
		return fault("invalid", "The format %.20q is not jsonl or markdown.", form)
	}
	var convs []*store.Conversation
	if err := d.db.View(func(tx *store.Tx) (err error) {
		convs, err = tx.Conversations()
		return err
	}); err != nil {
		return err
	}
	patient(w)
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	err := d.exportAll(out, convs)
	if err == nil {
		err = buf.Flush()
	}
	if err != nil { // the answer has begun: the line is cut, so that nobody takes it for whole
		d.log.InfoContext(r.Context(), "an export did not come to its end", "err", err)
		_ = http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0))
	}
	return nil
}

// exporter writes one form. Its errors are those of the connection.
type exporter interface {
	begin(version string, at store.Time) error
	conversation(c *store.Conversation) error
	message(m *store.Message) error
	rest(rs []*store.Reminder, fs []*store.Fact) error
}

func (d *Daemon) exportAll(out exporter, convs []*store.Conversation) error {
	if err := out.begin(d.cfg.Version, store.At(time.Now())); err != nil {
		return err
	}
	for _, c := range convs {
		if err := out.conversation(c); err != nil {
			return err
		}
		for after, more := "", true; more; {
			var ms []*store.Message
			if err := d.db.View(func(tx *store.Tx) (err error) {
				ms, err = tx.MessagesAfter(c.ID, after, exportPage)
				return err
			}); err != nil {
				return err
			}
			for _, m := range ms {
				after = m.ID
				if err := out.message(m); err != nil {
					return err
				}
			}
			more = len(ms) == exportPage
		}
	}
	var rs []*store.Reminder
	var fs []*store.Fact
	if err := d.db.View(func(tx *store.Tx) (err error) {
		if rs, err = tx.Reminders(); err == nil {
			fs, err = tx.Facts()
		}
		return err
	}); err != nil {
		return err
	}
	return out.rest(rs, fs)
}

// exportForm is the version of the lines of a JSONL export.
const exportForm = 1

// jsonExport writes one record a line: a line of type "hark", then each
// conversation followed by its messages, reminders, facts, and a line "end".
type jsonExport struct {
	enc *json.Encoder
	n   int
}

func (e *jsonExport) put(kind string, v any) error {
	e.n++
	line := map[string]any{"type": kind}
	if v != nil {
		line["record"] = v
	}
	return e.enc.Encode(line)
}

func (e *jsonExport) begin(version string, at store.Time) error {
	e.enc.SetEscapeHTML(false)
	return e.enc.Encode(map[string]any{"type": "hark", "form": exportForm, "version": version, "made": at})
}
func (e *jsonExport) conversation(c *store.Conversation) error { return e.put("conversation", c) }
func (e *jsonExport) message(m *store.Message) error           { return e.put("message", m) }

func (e *jsonExport) rest(rs []*store.Reminder, fs []*store.Fact) error {
	for _, r := range rs {
		if err := e.put("reminder", r); err != nil {
			return err
		}
	}
	for _, f := range fs {
		if err := e.put("fact", f); err != nil {
			return err
		}
	}
	return e.enc.Encode(map[string]any{"type": "end", "records": e.n})
}

// markdownExport writes a document for people.
type markdownExport struct {
	w    *bufio.Writer
	zone *time.Location
}

func (e *markdownExport) when(t store.Time) string { return t.In(e.zone).Format("2006-01-02 15:04") }

func (e *markdownExport) begin(_ string, at store.Time) error {
	_, err := fmt.Fprintf(e.w, "# Hark, %s\n", e.when(at))
	return err
}

func (e *markdownExport) conversation(c *store.Conversation) error {
	_, err := fmt.Fprintf(e.w, "\n## %s\n", strings.ReplaceAll(c.Title, "\n", " "))
	return err
}

func (e *markdownExport) message(m *store.Message) error {
	who := m.Source.Name
	switch {
	case m.Role == store.User:
		who = "You"
	case who == "":
		who = "Hark"
	}
	head := fmt.Sprintf("%s, %s", who, e.when(m.Created))
	if m.Title != "" {
		head += ": " + m.Title
	}
	_, err := fmt.Fprintf(e.w, "\n**%s**\n\n%s\n", head, m.Text)
	return err
}

func (e *markdownExport) rest(rs []*store.Reminder, fs []*store.Fact) error {
	if len(rs) > 0 {
		fmt.Fprint(e.w, "\n## Reminders\n\n")
	}
	for _, r := range rs {
		fmt.Fprintf(e.w, "- %s (%s; %s)\n", r.Text, r.Say, r.State)
	}
	if len(fs) > 0 {
		fmt.Fprint(e.w, "\n## Memory\n\n")
	}
	for _, f := range fs {
		fmt.Fprintf(e.w, "- %s\n", f.Text)
	}
	return nil // a bufio.Writer keeps its first error for Flush
}
