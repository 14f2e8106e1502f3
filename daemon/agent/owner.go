package agent

import "strings"

// aboutOwner tells a model how the owner likes to be spoken to. Both are the
// owner's own words, and are put on one line.
func aboutOwner(name, language string) string {
	var s string
	if name = strings.Join(strings.Fields(name), " "); name != "" {
		s = "The owner's name is " + name + ". "
	}
	if language == "" {
		return s + "Answer in the language of the owner's last message"
	}
	return s + "Answer in " + languageName(language) + ", unless the owner asks for another language"
}

// languageName says a language as models know it; a tag of BCP 47 that is not
// among them is understood as well.
func languageName(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	switch base {
	case "de":
		return "German"
	case "en":
		return "English"
	case "es":
		return "Spanish"
	case "fr":
		return "French"
	case "it":
		return "Italian"
	case "nl":
		return "Dutch"
	case "pl":
		return "Polish"
	case "pt":
		return "Portuguese"
	case "tr":
		return "Turkish"
	case "uk":
		return "Ukrainian"
	case "ja":
		return "Japanese"
	case "zh":
		return "Chinese"
	}
	return "the language with the tag " + tag
}
