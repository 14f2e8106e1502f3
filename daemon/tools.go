package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hark/daemon/agent"
	"hark/scheduler"
	"hark/store"
)

// reminderTools let a model do with reminders what the owner can.
type reminderTools struct{ d *Daemon }

const (
	whenArg = `"when":{"type":"string","description":"a time in words, as the owner would say it (\"tomorrow at 9\", \"every weekday at 8\", \"in 20 minutes\"), or a schedule such as \"at 2026-11-23T09:00\" or \"30 8 * * 1-5\""}`
	textArg = `"text":{"type":"string","description":"what to remind of"}`
	idArg   = `"id":{"type":"string","description":"the id, as list_reminders tells it"}`
)

// Tools implements [agent.Toolbox].
func (t reminderTools) Tools(context.Context) []agent.Tool {
	kick := t.d.due.Kick
	return []agent.Tool{
		{
			Name: "remind", Replay: agent.Idempotent, Parameters: schema(textArg+","+whenArg, "text", "when"), Done: kick,
			Description: "Remind the owner of something at a time, once or again and again.", CallTx: t.remind,
		},
		{
			Name: "list_reminders", Replay: agent.ReadOnly, Parameters: schema(""),
			Description: "List the reminders that are set, the next one first, with their ids.", CallTx: t.list,
		},
		{
			Name: "change_reminder", Replay: agent.Idempotent, Parameters: schema(idArg+","+textArg+","+whenArg, "id"), Done: kick,
			Description: "Give a reminder another text, another time, or both.", CallTx: t.change,
		},
		{
			Name: "cancel_reminder", Replay: agent.Idempotent, Parameters: schema(idArg, "id"), Done: kick,
			Description: "Take a reminder away for good.", CallTx: t.cancel,
		},
	}
}

func schema(properties string, required ...string) json.RawMessage {
	names := `"` + strings.Join(required, `","`) + `"`
	if len(required) == 0 {
		names = ""
	}
	return json.RawMessage(`{"type":"object","properties":{` + properties + `},"required":[` + names + `],"additionalProperties":false}`)
}

type reminderArgs struct{ ID, Text, When string }

// refused is an answer that asks the model, or through it the owner, for more.
func refused(err error) (agent.Output, error) {
	var ambiguous *scheduler.AmbiguousError
	text := capital(strings.TrimRight(err.Error(), ".")) + "."
	if errors.As(err, &ambiguous) {
		text += " Ask the owner which one."
	}
	if isStoreError(err) && !errors.Is(err, store.ErrNotFound) {
		return agent.Output{}, err
	}
	if errors.Is(err, store.ErrNotFound) {
		text = "There is no reminder with this id; list_reminders tells them."
	}
	return agent.Output{Text: text, IsError: true}, nil
}

// schedule reads a time, in words or in the scheduler's grammar.
func schedule(when string, c agent.Call, now time.Time) (string, error) {
	if s, err := scheduler.ParseSchedule(when); err == nil {
		return s.String(), nil
	}
	where, err := time.LoadLocation(c.Zone)
	if err != nil {
		return "", err
	}
	p, err := scheduler.Parse(when, now, where)
	if err != nil {
		return "", err
	}
	return p.Schedule.String(), nil
}

func (t reminderTools) remind(tx *store.Tx, c agent.Call) (agent.Output, error) {
	var in reminderArgs
	if err := c.Arguments(&in); err != nil {
		return refused(err)
	}
	when, err := schedule(in.When, c, tx.Now())
	if err != nil {
		return refused(err)
	}
	r := &store.Reminder{ID: tx.NewID(), Text: strings.TrimSpace(in.Text), Schedule: when, Zone: c.Zone, Conversation: c.Conversation}
	if err := scheduler.Put(tx, r, t.d.zone()); err != nil {
		return refused(err)
	}
	return agent.Output{Text: "Set, as " + r.ID + ": " + sayReminder(r, tx.Now(), "en")}, nil
}

func (t reminderTools) list(tx *store.Tx, _ agent.Call) (agent.Output, error) {
	all, err := tx.Reminders()
	if err != nil {
		return agent.Output{}, err
	}
	all = slices.DeleteFunc(all, func(r *store.Reminder) bool { return r.State == store.Finished })
	slices.SortStableFunc(all, func(x, y *store.Reminder) int {
		if x.Next == nil || y.Next == nil {
			return 0
		}
		return x.Next.Compare(y.Next.Time)
	})
	var lines []string
	foreign := false // a program's message, or another calendar's entry, is not the owner's word
	for _, r := range all {
		foreign = foreign || r.Kind == scheduler.Fire || r.UID != ""
		lines = append(lines, fmt.Sprintf("%s: %s (%s, %s)", r.ID, r.Text, r.State, sayReminder(r, tx.Now(), "en")))
	}
	if len(lines) == 0 {
		return agent.Output{Text: "No reminders are set."}, nil
	}
	return agent.Output{Text: strings.Join(lines, "\n"), External: foreign}, nil
}

func (t reminderTools) change(tx *store.Tx, c agent.Call) (agent.Output, error) {
	var in reminderArgs
	if err := c.Arguments(&in); err != nil {
		return refused(err)
	}
	r, err := tx.Reminder(in.ID)
	if err != nil {
		return refused(err)
	}
	if r.Kind == scheduler.Fire {
		return refused(scheduler.ErrFire)
	}
	if in.Text = strings.TrimSpace(in.Text); in.Text != "" {
		r.Text = in.Text
	}
	if in.When == "" {
		return agent.Output{Text: "Changed: " + r.Text}, tx.PutReminder(r)
	}
	if r.Schedule, err = schedule(in.When, c, tx.Now()); err != nil {
		return refused(err)
	}
	if err := scheduler.Put(tx, r, t.d.zone()); err != nil {
		return refused(err)
	}
	return agent.Output{Text: "Changed: " + r.Text + ", " + sayReminder(r, tx.Now(), "en")}, nil
}

func (t reminderTools) cancel(tx *store.Tx, c agent.Call) (agent.Output, error) {
	var in reminderArgs
	if err := c.Arguments(&in); err != nil {
		return refused(err)
	}
	r, err := tx.Reminder(in.ID)
	if err != nil {
		return refused(err)
	}
	if err := tx.DeleteReminder(r.ID); err != nil {
		return agent.Output{}, err
	}
	return agent.Output{Text: "Cancelled: " + r.Text, External: r.Post != nil || r.UID != ""}, nil
}

// readServers reads which MCP servers there are. A file that can't be read is
// told, and keeps nobody from starting.
func (d *Daemon) readServers() {
	servers, err := agent.ReadMCP(filepath.Join(d.cfg.Data, "mcp.json"))
	if err != nil {
		d.mcpFault = capital(strings.TrimRight(err.Error(), ".")) + "."
		d.log.Warn("no MCP servers", "err", err)
	}
	d.mcp = agent.NewMCP(agent.MCPConfig{Servers: servers, Log: d.log})
}

// toolboxes are all the tools that models may use.
func (d *Daemon) toolboxes() []agent.Toolbox {
	return []agent.Toolbox{
		reminderTools{d},
		agent.Own{DB: d.db, Fetch: &agent.Fetcher{Allow: d.cfg.FetchAllow}},
		d.mcp,
	}
}

// toolView is a tool as the app shows it.
type toolView struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Replay      string `json:"replay"`
	External    bool   `json:"external"`
	Allowed     bool   `json:"allowed"` // it is run without asking, unless the turn has read what others wrote
}

// listTools serves what models may use, and how the servers of tools do.
func (d *Daemon) listTools(w http.ResponseWriter, r *http.Request, _ caller) error {
	s, err := d.loadSettings()
	if err != nil {
		return err
	}
	tools := []toolView{}
	for _, box := range d.toolboxes() {
		for _, t := range box.Tools(r.Context()) {
			tools = append(tools, toolView{
				t.Name, t.Description, t.Replay.String(), t.External,
				t.Replay == agent.ReadOnly || slices.Contains(s.Allowed, t.Name),
			})
		}
	}
	out := map[string]any{"tools": tools, "servers": d.mcp.Status()}
	if d.mcpFault != "" {
		out["problem"] = d.mcpFault
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// putTool lets a tool run without asking, or has it ask again.
func (d *Daemon) putTool(w http.ResponseWriter, r *http.Request, _ caller) error {
	var in struct {
		Allowed *bool `json:"allowed"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	name := r.PathValue("name")
	if in.Allowed == nil || name == "" || len(name) > 64 {
		return fault("invalid", "Send {\"allowed\": true} or false.")
	}
	err := d.db.Update(func(tx *store.Tx) error {
		s, err := tx.Settings()
		if err != nil {
			return err
		}
		s.Allowed = slices.DeleteFunc(s.Allowed, func(n string) bool { return n == name })
		if *in.Allowed {
			s.Allowed = append(s.Allowed, name)
		}
		return tx.PutSettings(s)
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"name": name, "allowed": *in.Allowed})
	return nil
}
