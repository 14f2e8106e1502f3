package daemon

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hark/store"
)

// ntfyPublish serves ntfy's ways to publish: POST or PUT /{topic} with the text as
// body, POST / with JSON, GET /{topic}/publish.
func (d *Daemon) ntfyPublish(w http.ResponseWriter, r *http.Request, who guest) error {
	if err := d.admit(who.caller); err != nil {
		return err
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	p := ntfyParams{r: r, query: r.URL.Query()}
	in := &fireInput{Topic: parts[0]}
	if in.Topic != "" && !topicForm.MatchString(in.Topic) {
		return fault("bad_request", "A topic has 1 to 64 letters, digits, - and _. This was %.80q.", in.Topic)
	}
	if r.Method != http.MethodGet && len(parts) == 2 {
		in.Replace = "ntfy/" + in.Topic + "/" + parts[1] // PUT /{topic}/{sequence}
	}
	if r.Method != http.MethodGet {
		if err := d.ntfyBody(w, r, in, &p); err != nil {
			return err
		}
	}
	in.fromNtfy(p)
	out, err := d.say(in, r, who)
	if err != nil {
		return err
	}
	if out.Duplicate {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	writeJSON(w, http.StatusOK, ntfyReply(in, out, time.Now()))
	return nil
}

// ntfyBody reads the body of a publication: text as it is, whatever its type says,
// because curl -d says that everything is a form. At the root it is JSON with the
// parameters in it; at a topic, JSON that says it is JSON is what some program
// reports, and is made readable.
func (d *Daemon) ntfyBody(w http.ResponseWriter, r *http.Request, in *fireInput, p *ntfyParams) error {
	if name := p.get("filename", "file", "f"); name != "" && p.get("attach", "a") == "" {
		in.fileLeftOut(name)
		return drain(w, r)
	}
	r.Body = http.MaxBytesReader(unwrap(w), r.Body, int64(d.cfg.Limits.Body))
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	report, isObject := readObject(body)
	switch {
	case in.Topic == "" && isObject:
		if err := p.fromJSON(body); err != nil {
			return err
		}
		if in.Topic = p.json["topic"]; in.Topic != "" && !topicForm.MatchString(in.Topic) {
			return fault("bad_request", "A topic has 1 to 64 letters, digits, - and _. This was %.80q.", in.Topic)
		}
		in.fromReport(report, body)
	case isObject && (isJSON(r.Header.Get("Content-Type")) || p.get("template", "tpl") != ""):
		in.fromReport(report, body)
	case isFile(body):
		in.fileLeftOut("")
	default:
		in.fromText(string(body))
	}
	return nil
}

// fromNtfy sets what headers, query and JSON say. What the body has said already
// stands.
func (in *fireInput) fromNtfy(p ntfyParams) {
	if text := p.get("message", "m"); text != "" && in.Text == "" {
		in.fromText(strings.ReplaceAll(text, `\n`, "\n"))
	}
	if title := p.get("title", "t"); title != "" {
		in.Title = in.short("title", title, maxTitle)
	}
	if prio := p.get("priority", "prio", "p"); prio != "" {
		in.priority(prio)
	}
	if tags := p.get("tags", "tag", "ta"); tags != "" {
		in.tags(tags)
	}
	if click := p.get("click"); click != "" {
		in.click(click)
	}
	if markdown := p.get("markdown", "md"); markdown != "" {
		in.Markdown = in.truth("markdown", markdown)
	} else if kind, _, _ := strings.Cut(p.r.Header.Get("Content-Type"), ";"); strings.EqualFold(strings.TrimSpace(kind), "text/markdown") {
		in.Markdown = true
	}
	if at := p.get("delay", "at", "in"); at != "" {
		in.At = ntfyDelay(at)
	}
	if actions := p.get("actions", "action"); actions != "" {
		in.ntfyActions(actions)
	}
	if sequence := p.get("sequence-id", "sequence_id", "sid"); sequence != "" {
		in.Replace = "ntfy/" + in.Topic + "/" + sequence
	}
	for _, names := range [][]string{{"email", "e-mail", "mail", "e"}, {"call"}} {
		if p.get(names...) != "" {
			in.warn("%s is not done here and was ignored", names[0])
		}
	}
	in.complete(p.get("attach", "a"))
}

// complete makes sure that there is something to read.
func (in *fireInput) complete(attached string) {
	if attached != "" {
		in.warn("files are not supported: the text has the address of the attachment")
		in.Text = strings.TrimLeft(in.Text+"\n\n"+in.clean("attach", attached), "\n")
	}
	if in.Text == "" {
		in.Text, in.Title = in.Title, ""
	}
	if in.Text == "" {
		in.Text = cmp.Or(in.left, "triggered") // the latter is what ntfy says
	}
}

// ntfyMessage is a message, or another event, as ntfy's clients know it. What it
// has more than theirs they ignore.
type ntfyMessage struct {
	ID       string       `json:"id"`
	Time     int64        `json:"time"` // Unix seconds
	Event    string       `json:"event"`
	Topic    string       `json:"topic"`
	Title    string       `json:"title,omitempty"`
	Message  string       `json:"message,omitempty"`
	Priority int          `json:"priority,omitempty"`
	Tags     []string     `json:"tags,omitempty"`
	Click    string       `json:"click,omitempty"`
	Actions  []ntfyAction `json:"actions,omitempty"`
	Kind     string       `json:"content_type,omitempty"`
	*published
}

type ntfyAction struct {
	ID     string `json:"id"`
	Action string `json:"action"`
	Label  string `json:"label"`
	URL    string `json:"url,omitempty"`
	Clear  bool   `json:"clear"`
}

// published is what only the answer to a publication has.
type published struct {
	Conversation string      `json:"conversation"`
	Duplicate    bool        `json:"duplicate"`
	Scheduled    *store.Time `json:"scheduled_for,omitempty"`
	Warnings     []string    `json:"warnings"`
}

func ntfyReply(in *fireInput, out firing, now time.Time) ntfyMessage {
	m := ntfyMessage{
		ID: out.Message, Time: now.Unix(), Event: "message", Topic: in.Topic,
		Title: in.Title, Message: in.Text, Priority: in.Priority, Tags: in.Tags, Click: in.Click,
		published: &published{out.Conversation, out.Duplicate, out.Scheduled, out.Warnings},
	}
	if m.Topic == "" {
		m.Topic = inboxTopic
	}
	if out.Scheduled != nil {
		m.Time = out.Scheduled.Unix()
	}
	if in.Markdown {
		m.Kind = "text/markdown"
	}
	for i, a := range in.Actions {
		if a.Kind == actionOpen {
			m.Actions = append(m.Actions, ntfyAction{ID: strconv.Itoa(i + 1), Action: "view", Label: a.Label, URL: a.URL})
		}
	}
	return m
}

// ntfyError is an error in ntfy's form. Its codes begin with the status.
func ntfyError(status int, p *problem) any {
	code := status * 100
	switch p.code {
	case "unauthorized", "forbidden", "not_found", "too_many", "too_large":
		code++
	case "bad_json":
		code += 24
	case "bad_request":
		code += 9
	}
	return struct {
		Code  int    `json:"code"`
		HTTP  int    `json:"http"`
		Error string `json:"error"`
		Link  string `json:"link"`
	}{code, status, p.detail, ""}
}

// readObject reports whether body is one JSON object, and returns it.
func readObject(body []byte) (fields map[string]json.RawMessage, ok bool) {
	if b := strings.TrimSpace(string(body[:min(len(body), 64)])); !strings.HasPrefix(b, "{") {
		return nil, false
	}
	err := json.Unmarshal(body, &fields)
	return fields, err == nil
}
