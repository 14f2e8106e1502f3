package store

import "fmt"

// Settings are the owner's choices that hold on every device.
type Settings struct {
	Zone  string `json:"zone"` // IANA zone where the owner is; empty: the machine's
	Quiet Quiet  `json:"quiet"`

	Name     string `json:"name,omitempty"`     // what the owner is called
	Language string `json:"language,omitempty"` // of answers, as BCP 47 says it; empty: that of each message
	Setup    Setup  `json:"setup"`              // of a new Hark

	Models  []Model `json:"models,omitempty"`
	Default string  `json:"default,omitempty"` // id of the model that answers where none was chosen
	// Budget is how many tokens a day turns may use that nobody waits for; 0
	// is no limit.
	Budget int `json:"budget"`
	// Allowed are the tools that need not ask, by name, unless the turn has
	// read what others wrote.
	Allowed []string `json:"allowed,omitempty"`
	// Private has pushes to all devices carry no text.
	Private bool `json:"private,omitempty"`
	// Escalate is after how many minutes an urgent message (priority 4 or 5) that
	// no device has shown is pushed again; 0 is never.
	Escalate int `json:"escalate_min"`
}

// Setup is how far the owner has come in setting Hark up.
type Setup struct {
	Seen []string `json:"seen,omitempty"` // steps that were answered or skipped, and are not asked again
	Done bool     `json:"done,omitempty"` // nothing more is to be asked
}

// Model is a model that the owner has set up.
type Model struct {
	ID    string `json:"id"`
	Name  string `json:"name"`  // for people
	Kind  string `json:"kind"`  // openai or anthropic
	URL   string `json:"url"`   // empty: the provider itself
	Model string `json:"model"` // its name at the server
	Key   string `json:"key,omitempty"`
}

// Quiet are the hours in which only what is urgent may speak, as wall times
// "22:00" in the owner's zone. To may be on the next day.
type Quiet struct {
	On   bool   `json:"on"`
	From string `json:"from"`
	To   string `json:"to"`
}

const settingsName = "settings"

// Settings returns the owner's settings, or the defaults: quiet hours off, and
// set to 22:00 to 07:00; urgent messages are pushed again after 5 minutes.
func (tx *Tx) Settings() (Settings, error) {
	s := Settings{Quiet: Quiet{From: "22:00", To: "07:00"}, Escalate: 5}
	_, err := tx.Value(settingsName, &s)
	return s, err
}

// PutSettings replaces the owner's settings. They are not part of the feed.
func (tx *Tx) PutSettings(s Settings) error {
	if err := tx.SetValue(settingsName, s); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return nil
}
