//go:build bench

package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"hark/store"
)

// newBenchHouse is a house on disk, outside of fake time.
func newBenchHouse(b *testing.B, p play, tools ...Tool) *house {
	b.Helper()
	db, err := store.Open(b.TempDir(), nil)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	h := &house{db: db, end: cancel}
	h.a = New(ctx, Config{
		DB: db, Zone: "UTC", Tools: []Toolbox{box(tools)},
		Model: func(string) Model { return Model{URL: "http://model.test", Name: "m"} },
		Open:  func(Model) (Provider, error) { return p, nil },
	})
	b.Cleanup(func() {
		cancel()
		h.a.Wait()
		_ = db.Close()
	})
	return h
}

func (h *house) make(b *testing.B, conv string) (reply string) {
	b.Helper()
	err := h.db.Update(func(tx *store.Tx) error {
		if conv == "" {
			conv = tx.NewID()
			if err := tx.PutConversation(&store.Conversation{ID: conv}); err != nil {
				return err
			}
		}
		u := &store.Message{ID: tx.NewID(), Conversation: conv, Role: store.User, Status: store.Done, Text: "go", Source: store.Source{Kind: sourceChat}}
		reply = tx.NewID()
		m := &store.Message{ID: reply, Conversation: conv, Role: store.Assistant, Status: store.Pending, Source: store.Source{Kind: sourceChat}}
		if err := tx.PutMessage(u); err != nil {
			return err
		}
		return tx.PutMessage(m)
	})
	if err != nil {
		b.Fatal(err)
	}
	h.a.Kick(conv)
	return reply
}

// all waits until every one of these turns is done.
func (h *house) all(b *testing.B, ids []string) {
	b.Helper()
	left := map[string]bool{}
	for _, id := range ids {
		left[id] = true
	}
	f := h.db.Follow(0, "")
	for len(left) > 0 {
		evs, err := f.Read()
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range evs {
			var m store.Message
			if e.Kind == "message" && left[e.ID] && json.Unmarshal(e.Data(), &m) == nil && !m.Status.Open() {
				if m.Status != store.Done {
					b.Fatalf("%+v", m.Error)
				}
				delete(left, e.ID)
			}
		}
		if len(evs) == 0 {
			<-f.News()
		}
	}
}

func benchTool() Tool {
	return Tool{Name: "look", Replay: ReadOnly, Parameters: json.RawMessage(`{}`), Call: func(context.Context, Call) (Output, error) {
		return Output{Text: "ok"}, nil
	}}
}

// A turn with one tool call, from the owner's message to its end: what Hark
// itself adds, on this disk.
func BenchmarkTurnWithTool(b *testing.B) {
	h := newBenchHouse(b, acts("look", "{}"), benchTool())
	for b.Loop() {
		h.all(b, []string{h.make(b, "")})
	}
}

// A thousand turns at once, each with a tool call.
func BenchmarkThousandTurns(b *testing.B) {
	h := newBenchHouse(b, acts("look", "{}"), benchTool())
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.ReadMemStats(&before)
		var ids []string
		for range 1000 {
			ids = append(ids, h.make(b, ""))
		}
		h.all(b, ids)
		runtime.ReadMemStats(&after)
	}
	b.ReportMetric(float64(after.Sys)/(1<<20), "MB-sys")
}

// From a model's chunk to the event that a page is told.
func BenchmarkChunkToEvent(b *testing.B) {
	chunks := make(chan struct{})
	h := newBenchHouse(b, func(_ context.Context, _ Request, emit func(Delta) error) (Result, error) {
		for range chunks {
			if err := emit(Delta{Text: "w"}); err != nil {
				return Result{}, err
			}
		}
		return Result{Finish: FinishStop}, nil
	})
	id := h.make(b, "")
	f := h.db.Follow(0, "")
	var took []time.Duration
	told := 0 // length of the text that the page has
	for b.Loop() {
		start := time.Now()
		chunks <- struct{}{}
		for told <= len(took) {
			evs, err := f.Read()
			if err != nil {
				b.Fatal(err)
			}
			for _, e := range evs {
				var m struct {
					At   int
					Text string
				}
				if e.ID == id && json.Unmarshal(e.Data(), &m) == nil { // a delta, or a checkpoint
					told = max(told, m.At+len(m.Text))
				}
			}
			if told <= len(took) {
				<-f.News()
			}
		}
		took = append(took, time.Since(start))
	}
	close(chunks)
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// What it costs at start to go on with turns that an orderly stop has set aside
// after their tool had run: all of it but the model.
func BenchmarkResume(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		db, err := store.Open("", nil)
		if err != nil {
			b.Fatal(err)
		}
		const turns = 100
		if err := leave(db, turns); err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		a := New(ctx, Config{
			DB: db, Tools: []Toolbox{box{benchTool()}},
			Model: func(string) Model { return Model{Name: "m"} },
			Open:  func(Model) (Provider, error) { return acts("look", "{}"), nil },
		})
		b.StartTimer()
		if err := a.Start(); err != nil {
			b.Fatal(err)
		}
		for f := db.Follow(0, ""); ; <-f.News() {
			var open []*store.Message
			if _, err := f.Read(); err != nil {
				b.Fatal(err)
			}
			_ = db.View(func(tx *store.Tx) (err error) { open, err = tx.OpenTurns(""); return err })
			if len(open) == 0 {
				break
			}
		}
		b.StopTimer()
		cancel()
		a.Wait()
		_ = db.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/100, "µs/turn")
}

// leave writes turns as a process leaves them that is stopped after the tool.
func leave(db *store.DB, turns int) error {
	return db.Update(func(tx *store.Tx) error {
		for i := range turns {
			conv := tx.NewID()
			if err := tx.PutConversation(&store.Conversation{ID: conv, Title: fmt.Sprint(i)}); err != nil {
				return err
			}
			if err := tx.PutMessage(&store.Message{ID: tx.NewID(), Conversation: conv, Role: store.User, Status: store.Done, Text: "go"}); err != nil {
				return err
			}
			m := &store.Message{ID: tx.NewID(), Conversation: conv, Role: store.Assistant, Status: store.Pending, Reason: store.Resuming, Text: "Let me see."}
			j := &journal{id: m.ID, state: turnState{Active: store.At(tx.Now()), Next: 3}}
			model := &line{N: 1, Text: m.Text, Upto: len(m.Text)}
			call := &line{N: 2, Tool: true, CallID: "c0", Args: "{}", Replay: ReadOnly, Step: store.Step{N: 2, Tool: "look", Args: "{}"}}
			call.finish(Output{Text: "ok"})
			j.lines = []*line{model, call}
			if err := j.save(tx, m, model, call); err != nil {
				return err
			}
			if err := tx.PutMessage(m); err != nil {
				return err
			}
		}
		return nil
	})
}
