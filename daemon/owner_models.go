package daemon

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"hark/daemon/agent"
	"hark/store"
)

const maxModels = 20

// modelView is a model of the settings as the app sees it: without its key.
type modelView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	URL    string `json:"url"`
	Model  string `json:"model"`
	KeySet bool   `json:"key_set"`
}

// settingsView is the settings as the app sees them. FromEnv says that a model
// was configured by flag, environment or file, and answers in place of Default.
type settingsView struct {
	store.Settings
	Models  []modelView `json:"models"`
	FromEnv bool        `json:"from_env"`
	Using   modelStatus `json:"using"` // what answers where no model was chosen
}

func (d *Daemon) settingsAnswer(s store.Settings) settingsView {
	if s.Zone == "" {
		s.Zone = localZone()
	}
	v := settingsView{Settings: s, Models: []modelView{}, FromEnv: !d.models.automatic(), Using: d.using(s)}
	for _, m := range s.Models {
		v.Models = append(v.Models, modelView{m.ID, m.Name, m.Kind, m.URL, m.Model, m.Key != ""})
	}
	return v
}

// using is what answers where no model was chosen.
func (d *Daemon) using(s store.Settings) modelStatus {
	now := d.models.status()
	if m, ok := chosen(s, ""); ok && d.models.automatic() {
		now = modelStatus{Kind: m.Kind, Name: m.Model, URL: publicAddress(m.URL), Found: now.Found, Say: "Answers come from " + m.Name + "."}
	}
	return now
}

// modelInput is a model as it is set. A key that is not there stays as it was,
// as long as the address does: a key is never sent to another place.
type modelInput struct {
	ID    string  `json:"id"`
	Name  string  `json:"name"`
	Kind  string  `json:"kind"`
	URL   string  `json:"url"`
	Model string  `json:"model"`
	Key   *string `json:"key"`
}

// modelsInput is the part of the settings that is about models.
type modelsInput struct {
	Models  *[]modelInput `json:"models"` // all of them
	Default *string       `json:"default"`
	Budget  *int          `json:"budget"`
}

func (in *modelsInput) any() bool { return in.Models != nil || in.Default != nil || in.Budget != nil }

// apply puts the input into s.
func (in *modelsInput) apply(tx *store.Tx, s *store.Settings) error {
	if in.Models != nil {
		if len(*in.Models) > maxModels {
			return fault("invalid", "There may be %d models.", maxModels)
		}
		var list []store.Model
		for _, m := range *in.Models {
			v, err := m.model(*s)
			if err != nil {
				return err
			}
			if v.ID == "" {
				v.ID = tx.NewID()
			}
			list = append(list, v)
		}
		s.Models = list
	}
	set(&s.Default, in.Default)
	set(&s.Budget, in.Budget)
	if s.Budget < 0 {
		return fault("invalid", "budget is a number of tokens a day; 0 is no limit.")
	}
	if s.Default != "" && !slices.ContainsFunc(s.Models, func(m store.Model) bool { return m.ID == s.Default }) {
		if in.Default != nil {
			return fault("invalid", "default is the id of one of the models.")
		}
		s.Default = ""
	}
	return nil
}

// model reads one model, with the key that s has for it.
func (in modelInput) model(s store.Settings) (store.Model, error) {
	v := store.Model{
		Name: strings.TrimSpace(in.Name), Kind: in.Kind, URL: strings.TrimSpace(in.URL), Model: strings.TrimSpace(in.Model),
	}
	if v.Kind == "" {
		v.Kind = "openai"
	}
	if v.Kind != "openai" && v.Kind != "anthropic" {
		return v, fault("invalid", "kind is openai or anthropic, not %.40q.", in.Kind)
	}
	for _, old := range s.Models {
		if old.ID != "" && old.ID == in.ID {
			v.ID = old.ID
			if old.URL == v.URL && old.Kind == v.Kind {
				v.Key = old.Key
			}
		}
	}
	if in.Key != nil {
		v.Key = strings.TrimSpace(*in.Key)
	}
	if v.URL == "" && v.Key == "" {
		return v, fault("invalid", "A model needs the address of its server, or a key.")
	}
	if v.Name == "" {
		v.Name = v.Model
	}
	if v.Name == "" {
		v.Name = publicAddress(v.URL)
	}
	return v, nil
}

// knownModel refuses the id of a model that is not set up.
func knownModel(tx *store.Tx, id string) error {
	s, err := tx.Settings()
	if err != nil || id == "" {
		return err
	}
	if !slices.ContainsFunc(s.Models, func(m store.Model) bool { return m.ID == id }) {
		return fault("invalid", "model is the id of one of the models in the settings, or empty for the default.")
	}
	return nil
}

// testModel asks a model a short question before it is saved, or the one that
// answers by default where none is named. That the model
// fails is an answer, not an error.
func (d *Daemon) testModel(w http.ResponseWriter, r *http.Request, _ caller) error {
	var in modelInput
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	s, err := d.loadSettings()
	if err != nil {
		return err
	}
	asked := d.models.answering(s, "")
	if in != (modelInput{}) {
		m, err := in.model(s)
		if err != nil {
			return err
		}
		asked = agent.Model{Kind: m.Kind, URL: m.URL, Name: m.Model, Key: m.Key}
	} else if asked.IsZero() {
		return fault("invalid", "No model is set up, so there is none to be tried: name one.")
	}
	got, err := agent.Try(r.Context(), asked)
	var told *agent.Error
	switch {
	case errors.As(err, &told):
		writeJSON(w, http.StatusOK, map[string]any{"ok": false, "code": told.Code, "detail": told.Detail})
	case err == nil:
		writeJSON(w, http.StatusOK, map[string]any{
			"ok": true, "model": got.Model, "text": got.Text, "ms": got.Took.Milliseconds(),
			"input": got.Usage.Input, "output": got.Usage.Output,
		})
	default:
		return err
	}
	return nil
}
