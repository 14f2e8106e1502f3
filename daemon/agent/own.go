package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hark/store"
)

// Own is the toolbox of what the agent can do by itself: remember and find,
// tell the time, and read web pages.
type Own struct {
	DB    *store.DB
	Fetch *Fetcher // nil: no pages are read
}

const (
	maxFact     = 2000 // bytes
	maxKept     = 1000 // facts
	maxRecalled = 50
	maxFound    = 20
	searchTime  = time.Second
)

// Tools implements [Toolbox].
func (o Own) Tools(context.Context) []Tool {
	tools := []Tool{
		{
			Name: "current_time", Replay: ReadOnly, Parameters: object(""),
			Description: "The date and time now, on the owner's clock.",
			CallTx:      currentTime,
		},
		{
			Name: "search_messages", Replay: ReadOnly, Parameters: object(`"query":{"type":"string","description":"words that must all occur"}`, "query"),
			Description: "Find earlier messages of all conversations that contain every word of a query, newest first.",
			Call:        o.search,
		},
		{
			Name: "recall", Replay: ReadOnly, Parameters: object(`"query":{"type":"string","description":"words to look for; empty lists everything"}`),
			Description: "Find what you were asked to remember, with the id of each fact.",
			CallTx:      recall,
		},
		{
			Name: "remember", Replay: Idempotent, Parameters: object(`"text":{"type":"string","description":"one fact, in a sentence that is clear by itself"}`, "text"),
			Description: "Remember a lasting fact about the owner or their wishes. The owner can read and change it.",
			CallTx:      remember,
		},
		{
			Name: "forget", Replay: Idempotent, Parameters: object(`"id":{"type":"string","description":"the id of the fact, as recall tells it"}`, "id"),
			Description: "Forget a fact that was remembered.",
			CallTx:      forget,
		},
	}
	if o.Fetch != nil {
		tools = append(tools, Tool{
			Name: "fetch_page", Replay: ReadOnly, External: true, Sends: true, Timeout: fetchTime + 5*time.Second,
			Parameters:  object(`"url":{"type":"string","description":"an http or https address"}`, "url"),
			Description: "Read a web page as text.",
			Call:        o.fetch,
		})
	}
	return tools
}

// object is the JSON schema of an object with these properties.
func object(properties string, required ...string) json.RawMessage {
	names, err := json.Marshal(append([]string{}, required...))
	if err != nil {
		names = []byte("[]")
	}
	return json.RawMessage(`{"type":"object","properties":{` + properties + `},"required":` + string(names) + `,"additionalProperties":false}`)
}

// Arguments reads the arguments of a call into v. The error is for the model.
func (c Call) Arguments(v any) error {
	if err := json.Unmarshal(c.Args, v); err != nil {
		return fmt.Errorf("the arguments are not as the tool describes them: %w", err)
	}
	return nil
}

func currentTime(tx *store.Tx, c Call) (Output, error) {
	zone := location(c.Zone)
	return Output{Text: tx.Now().In(zone).Format("Monday 2 January 2006, 15:04:05 -07:00") + " (" + zone.String() + ")"}, nil
}

func remember(tx *store.Tx, c Call) (Output, error) {
	var in struct{ Text string }
	if err := c.Arguments(&in); err != nil {
		return Output{}, err
	}
	text, err := FactText(in.Text)
	if err != nil {
		return Output{}, err
	}
	facts, err := tx.Facts()
	if err != nil {
		return Output{}, err
	}
	for _, f := range facts {
		if strings.EqualFold(f.Text, text) {
			return Output{Text: "That was remembered before, as " + f.ID + "."}, nil
		}
	}
	if len(facts) >= maxKept {
		return Output{}, errors.New("the memory is full: forget something first")
	}
	f := &store.Fact{ID: tx.NewID(), Text: text, By: c.Turn}
	if err := tx.PutFact(f); err != nil {
		return Output{}, err
	}
	return Output{Text: "Remembered, as " + f.ID + "."}, nil
}

// FactText makes a text fit to be remembered: on one line, and bounded. The
// error is for people.
func FactText(text string) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	switch {
	case text == "":
		return "", errors.New("there is nothing to remember")
	case len(text) > maxFact:
		return "", fmt.Errorf("a fact has at most %d bytes; keep it short", maxFact)
	}
	return text, nil
}

func forget(tx *store.Tx, c Call) (Output, error) {
	var in struct{ ID string }
	if err := c.Arguments(&in); err != nil {
		return Output{}, err
	}
	f, err := tx.Fact(in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return Output{Text: "There is no fact with this id; recall tells them.", IsError: true}, nil
	} else if err != nil {
		return Output{}, err
	}
	return Output{Text: "Forgotten: " + f.Text}, tx.DeleteFact(f.ID)
}

func recall(tx *store.Tx, c Call) (Output, error) {
	var in struct{ Query string }
	if err := c.Arguments(&in); err != nil {
		return Output{}, err
	}
	facts, err := tx.Facts()
	if err != nil {
		return Output{}, err
	}
	// The more words a fact has, the earlier it comes; none, and it is left out.
	words := strings.Fields(strings.ToLower(in.Query))
	hits := map[string]int{}
	for _, f := range facts {
		for _, w := range words {
			if strings.Contains(strings.ToLower(f.Text), w) {
				hits[f.ID]++
			}
		}
	}
	facts = slices.DeleteFunc(facts, func(f *store.Fact) bool { return len(words) > 0 && hits[f.ID] == 0 })
	slices.SortStableFunc(facts, func(x, y *store.Fact) int { return cmp.Compare(hits[y.ID], hits[x.ID]) })
	if len(facts) == 0 {
		return Output{Text: "Nothing of the kind was remembered."}, nil
	}
	var lines []string
	for i, f := range facts {
		if i == maxRecalled {
			lines = append(lines, fmt.Sprintf("and %d more", len(facts)-i))
			break
		}
		lines = append(lines, f.ID+": "+f.Text)
	}
	return Output{Text: strings.Join(lines, "\n")}, nil
}

// search looks through the messages. What a script has said, or an answer that
// read something from outside, is not the owner's word.
func (o Own) search(_ context.Context, c Call) (Output, error) {
	var in struct{ Query string }
	if err := c.Arguments(&in); err != nil {
		return Output{Text: sentence(err.Error()), IsError: true}, nil
	}
	found, _, more, err := o.DB.Search(in.Query, 0, maxFound, searchTime)
	if err != nil {
		return Output{}, err
	}
	out := Output{}
	var lines []string
	for _, m := range found {
		if m.ID == c.Turn || m.Status.Open() {
			continue
		}
		who := string(m.Role)
		if m.Source.Kind != "" && m.Source.Kind != sourceChat {
			who = strings.TrimSpace(m.Source.Kind + " " + m.Source.Name)
		}
		out.External = out.External || foreign(m)
		lines = append(lines, fmt.Sprintf("[%s, %s] %s", m.Created.In(location(c.Zone)).Format(stampLayout), who, around(m.Text, in.Query)))
	}
	if out.Text = strings.Join(lines, "\n"); out.Text == "" {
		out.Text = "No message has all of these words."
	}
	if more {
		out.Text += "\n(there may be older ones)"
	}
	return out, nil
}

func (o Own) fetch(ctx context.Context, c Call) (Output, error) {
	var in struct{ URL string }
	if err := c.Arguments(&in); err != nil {
		return Output{Text: sentence(err.Error()), IsError: true}, nil
	}
	text, err := o.Fetch.Page(ctx, in.URL)
	if err != nil {
		return Output{Text: sentence(err.Error()), IsError: true}, nil
	}
	return Output{Text: text}, nil
}
