package daemon

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"hark/daemon/agent"
	"hark/scheduler"
	"hark/store"
)

// mcpTools are what other programs' models can have Hark do. Each is a client of
// the API, so that it may do what its token may, and no more, and is the same
// inside the daemon and in a program of its own.
type mcpTools struct{ api MCPAPI }

const (
	titleArg = `"title":{"type":"string","description":"a short title, shown bold above the text"}`
	loudArg  = `"priority":{"type":"integer","minimum":1,"maximum":5,"description":"1 makes no sound, 3 is usual, 5 is for what can't wait"}`
	keyArg   = `"key":{"type":"string","description":"the same key is the same message, for a day: a call that is repeated does nothing more"}`
	talkArg  = `"conversation":{"type":"string","description":"the id of a conversation; the inbox without it"}`
)

// speak are the tools of the scope fire.
func (t mcpTools) speak() []agent.Offered {
	return []agent.Offered{
		{
			Name: "fire", Title: "Tell the owner", Replay: agent.Once, Call: t.fire,
			Description: "Send a message to the owner of this Hark: it appears in the thread and on the phone. It does not wait, and nobody is asked anything.",
			Parameters: schema(`"text":{"type":"string","description":"what to say"},`+titleArg+","+loudArg+
				`,"tags":{"type":"array","items":{"type":"string"},"description":"words to find it by"}`+
				`,"click":{"type":"string","description":"an address that a tap on the notification opens"}`+
				`,"markdown":{"type":"boolean","description":"the text is Markdown"}`+
				`,"at":{"type":"string","description":"deliver it then: \"30m\", \"18:00\", \"tomorrow at 9\""}`+
				`,"replace":{"type":"string","description":"a name of your choice: the message that was sent under it before is updated, instead of a further one"}`+
				","+talkArg+","+keyArg, "text"),
		},
		{
			Name: "ask", Title: "Ask the owner", Replay: agent.Once, Call: t.ask,
			Description: "Ask the owner a question and wait for the answer, which is the result. Without choices and free_text it is answered Yes or No. " +
				"If nobody answers while this call waits, the result says so and names the question: call ask again with question alone to go on waiting.",
			Parameters: schema(`"text":{"type":"string","description":"the question"},` + titleArg + "," + loudArg +
				`,"choices":{"type":"array","items":{"type":"string"},"maxItems":8,"description":"what may be answered"}` +
				`,"free_text":{"type":"boolean","description":"any text may be the answer"}` +
				`,"timeout":{"type":"string","description":"the question is open for so long: \"10m\", \"2h\", \"1d\"; for ever without it"}` +
				`,"default":{"type":"string","description":"the answer that counts when the time is up"}` +
				`,"wait":{"type":"integer","minimum":0,"maximum":3600,"description":"this call waits for so many seconds; 50 without it"}` +
				`,"question":{"type":"string","description":"the id of a question that was asked before: wait for its answer, ask nothing new"}` +
				"," + talkArg + "," + keyArg),
		},
	}
}

// plan are the tools of the scope chat.
func (t mcpTools) plan() []agent.Offered {
	return []agent.Offered{{
		Name: "remind", Title: "Set a reminder", Replay: agent.Once, Call: t.remind,
		Description: "Set a reminder for the owner: at a time, once or again and again. The result says how the time was understood.",
		Parameters: schema(textArg+","+whenArg+","+talkArg+
			`,"zone":{"type":"string","description":"the IANA time zone that the time is meant in; the owner's without it"}`, "text", "when"),
	}}
}

// look are the tools of the scope read.
func (t mcpTools) look() []agent.Offered {
	return []agent.Offered{
		{
			Name: "list_reminders", Title: "List reminders", Replay: agent.ReadOnly, Call: t.list,
			Description: "List the owner's reminders that are still to come, with their ids.", Parameters: schema(""),
		},
		{
			Name: "search", Title: "Search messages", Replay: agent.ReadOnly, Call: t.search,
			Description: "Look for words in all messages of the owner's conversations, the newest first.",
			Parameters: schema(`"query":{"type":"string","description":"the words to look for"}`+
				`,"limit":{"type":"integer","minimum":1,"maximum":50,"description":"how many at most; 20 without it"}`, "query"),
		},
	}
}

// refusal is what a tool has to say against a call.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// reply makes the answer of a tool out of what it has done.
func mcpReply(text string, data any, err error) (agent.Reply, error) {
	if no := (*refusal)(nil); errors.As(err, &no) {
		return agent.Reply{Text: no.text, IsError: true}, nil
	}
	return agent.Reply{Text: text, Data: data}, err
}

// readArgs reads arguments. A field that is not known is refused: a model that is
// told so calls again, and one that is not believes that it counted.
func readArgs(o agent.Order, into any) error {
	dec := json.NewDecoder(bytes.NewReader(o.Args))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) && wrong.Field != "" {
		return &refusal{fmt.Sprintf("%s must not be a %s.", wrong.Field, wrong.Value)}
	}
	if err == nil {
		if _, more := dec.Token(); more != io.EOF {
			err = errors.New("more than one object")
		}
	}
	if err != nil {
		return &refusal{"The arguments can't be read: " + strings.TrimPrefix(err.Error(), "json: ") + "."}
	}
	return nil
}

// call sends a request and reads the good answer into out; nil is for none. A
// bad answer is a [refusal] with what Hark says, or a [problem] where its code
// matters.
func (t mcpTools) call(ctx context.Context, q MCPRequest, out any) (status int, err error) {
	status, body, err := t.api(ctx, q)
	switch {
	case err != nil && ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil:
		return 0, &refusal{err.Error()}
	case status >= http.StatusMultipleChoices:
		return status, apiFault(body)
	case status == http.StatusNoContent || out == nil:
		return status, nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return status, fmt.Errorf("%s %s: %w", q.Method, q.Path, err)
	}
	return status, nil
}

// apiProblem is a bad answer of the API.
type apiProblem struct {
	refusal
	Code   string  `json:"code"`
	Detail string  `json:"detail"`
	Answer *string `json:"answer"` // of a question whose time is up
}

func (p *apiProblem) Unwrap() error { return &p.refusal }

func apiFault(body []byte) error {
	p := &apiProblem{}
	if json.Unmarshal(body, p) != nil || p.Detail == "" {
		return &refusal{"Hark could not do that."}
	}
	p.text = p.Detail
	return p
}

func (t mcpTools) fire(ctx context.Context, o agent.Order) (agent.Reply, error) {
	var in struct {
		Text         string   `json:"text"`
		Title        string   `json:"title,omitempty"`
		Priority     int      `json:"priority,omitempty"`
		Tags         []string `json:"tags,omitempty"`
		Click        string   `json:"click,omitempty"`
		Markdown     bool     `json:"markdown,omitempty"`
		At           string   `json:"at,omitempty"`
		Replace      string   `json:"replace,omitempty"`
		Conversation string   `json:"conversation,omitempty"`
		Key          string   `json:"key,omitempty"`
	}
	if err := readArgs(o, &in); err != nil {
		return mcpReply("", nil, err)
	}
	var out firing
	key := cmp.Or(in.Key, store.NewSecret("")) // the answer may get lost on its way
	in.Key = ""
	if _, err := t.call(ctx, MCPRequest{http.MethodPost, "/api/assistant/fire", key, in}, &out); err != nil {
		return mcpReply("", nil, err)
	}
	text := "Delivered, as " + out.Message + "."
	switch {
	case out.Scheduled != nil:
		text = "It will be delivered at " + out.Scheduled.UTC().Format("2006-01-02 15:04 UTC") + ", as " + out.Message + "."
	case out.Duplicate:
		text = "This was delivered before, as " + out.Message + "."
	}
	return mcpReply(text+warned(out.Warnings), out, nil)
}

// warned is what could not be done as asked.
func warned(warnings []string) string {
	if len(warnings) == 0 {
		return ""
	}
	return " But: " + strings.Join(warnings, "; ") + "."
}

func (t mcpTools) remind(ctx context.Context, o agent.Order) (agent.Reply, error) {
	var in struct {
		Text, When, Zone, Conversation string
	}
	if err := readArgs(o, &in); err != nil {
		return mcpReply("", nil, err)
	}
	body := map[string]string{"text": in.Text, "schedule": in.When, "zone": in.Zone, "conversation": in.Conversation}
	if _, err := scheduler.ParseSchedule(in.When); err != nil {
		var read preview
		_, err := t.call(ctx, MCPRequest{http.MethodPost, "/api/reminders/preview", "", map[string]string{"phrase": in.When, "zone": in.Zone}}, &read)
		if err != nil {
			return mcpReply("", nil, err)
		}
		body["schedule"], body["zone"] = read.Schedule, read.Zone
	}
	var out struct {
		ID, Say string
		Next    *store.Time
	}
	var whole map[string]any
	var raw json.RawMessage
	_, err := t.call(ctx, MCPRequest{http.MethodPost, "/api/reminders", store.NewSecret(""), body}, &raw)
	if err == nil {
		err = errors.Join(json.Unmarshal(raw, &out), json.Unmarshal(raw, &whole))
	}
	if err != nil {
		return mcpReply("", nil, err)
	}
	return mcpReply("Set, as "+out.ID+": "+out.Say+nextTime(out.Next)+".", whole, nil)
}

func nextTime(at *store.Time) string {
	if at == nil {
		return ""
	}
	return ", next " + at.UTC().Format("2006-01-02 15:04 UTC")
}

func (t mcpTools) list(ctx context.Context, o agent.Order) (agent.Reply, error) {
	var out struct{ Reminders []*store.Reminder }
	if err := readArgs(o, &struct{}{}); err != nil {
		return mcpReply("", nil, err)
	}
	if _, err := t.call(ctx, MCPRequest{Method: http.MethodGet, Path: "/api/reminders"}, &out); err != nil {
		return mcpReply("", nil, err)
	}
	shown, lines := []any{}, []string{}
	for _, r := range out.Reminders {
		if r.State == store.Finished || r.Kind == scheduler.Fire {
			continue
		}
		shown = append(shown, map[string]any{"id": r.ID, "text": r.Text, "say": r.Say, "next": r.Next, "state": r.State, "zone": r.Zone})
		lines = append(lines, fmt.Sprintf("- %s: %s (%s%s, %s)", r.ID, r.Text, r.Say, nextTime(r.Next), r.State))
	}
	if len(lines) == 0 {
		lines = []string{"No reminders are set."}
	}
	return mcpReply(strings.Join(lines, "\n"), map[string]any{"reminders": shown}, nil)
}

// maxFound bounds the text of one message among what was found, in bytes.
const maxFound = 1000

func (t mcpTools) search(ctx context.Context, o agent.Order) (agent.Reply, error) {
	in := struct {
		Query string
		Limit int
	}{Limit: 20}
	if err := readArgs(o, &in); err != nil {
		return mcpReply("", nil, err)
	}
	path := fmt.Sprintf("/api/search?q=%s&limit=%d", url.QueryEscape(in.Query), min(max(in.Limit, 1), 50))
	var out struct {
		Messages []*store.Message
		More     bool
	}
	if _, err := t.call(ctx, MCPRequest{Method: http.MethodGet, Path: path}, &out); err != nil {
		return mcpReply("", nil, err)
	}
	shown, lines := []any{}, []string{}
	for _, m := range out.Messages {
		who, text := "owner", m.Text
		switch {
		case m.Source.Name != "":
			who = m.Source.Name
		case m.Role == store.Assistant:
			who = "assistant"
		}
		if text = cut(text, maxFound); len(text) < len(m.Text) {
			text += "…"
		}
		shown = append(shown, map[string]any{"id": m.ID, "conversation": m.Conversation, "time": m.Created, "from": who, "title": m.Title, "text": text})
		if m.Title != "" {
			text = m.Title + ": " + text
		}
		lines = append(lines, fmt.Sprintf("- %s, %s: %s", m.Created.UTC().Format("2006-01-02 15:04 UTC"), who, text))
	}
	if len(lines) == 0 {
		lines = []string{"Nothing was found."}
	}
	if out.More {
		lines = append(lines, "There is more.")
	}
	return mcpReply(strings.Join(lines, "\n"), map[string]any{"messages": shown, "more": out.More}, nil)
}
