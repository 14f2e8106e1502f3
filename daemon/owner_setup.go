package daemon

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"hark/store"
)

const (
	maxSteps = 20
)

// aTag is a language tag of BCP 47, as far as its form goes.
const aTag = `^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$`

// aStep is the name of a step of setting up.
const aStep = `^[a-z]{1,20}$`

// maxSeenSteps is more than there are.
const maxSeenSteps = 40

// ownerInput is the part of the settings that is about the owner, and about how
// far setting up has come.
type ownerInput struct {
	Name     *string `json:"name"`
	Language *string `json:"language"` // empty: that of each message
	Setup    *struct {
		Seen []string `json:"seen"` // steps to add
		Done *bool    `json:"done"`
	} `json:"setup"`
}

func (in *ownerInput) any() bool { return in.Name != nil || in.Language != nil || in.Setup != nil }

// apply puts the input into s.
func (in *ownerInput) apply(s *store.Settings) error {
	if in.Name != nil {
		name := strings.TrimSpace(*in.Name)
		if utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, unicode.IsControl) {
			return fault("invalid", "name is one line of at most %d characters.", maxName)
		}
		s.Name = name
	}
	if in.Language != nil {
		if ok, err := regexp.MatchString(aTag, *in.Language); err != nil || !ok && *in.Language != "" {
			return fault("invalid", "language is a language tag such as en or pt-BR, or empty for that of each message.")
		}
		s.Language = *in.Language
	}
	if in.Setup == nil {
		return nil
	}
	set(&s.Setup.Done, in.Setup.Done)
	isStep := regexp.MustCompile(aStep)
	for _, step := range in.Setup.Seen {
		if !isStep.MatchString(step) {
			return fault("invalid", "A step of setting up has a name of small letters.")
		}
		if len(s.Setup.Seen) < maxSeenSteps && !slices.Contains(s.Setup.Seen, step) {
			s.Setup.Seen = append(s.Setup.Seen, step)
		}
	}
	if len(s.Setup.Seen) > maxSteps {
		return fault("invalid", "Setting up has at most %d steps.", maxSteps)
	}
	return nil
}
