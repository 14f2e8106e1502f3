package agent

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// Error is a failed turn in words for its owner. Detail is one or two whole
// sentences that say what to do, and never holds a key. It satisfies error.
type Error struct {
	Code      string // stable, for programs
	Detail    string
	Retryable bool // asking again may work, at once or after doing what Detail says

	again   bool          // worth an automatic second try before the first delta
	loading bool          // the server is up and reads its model: wait, don't count tries
	after   time.Duration // how long the server asked us to wait
}

// Error gives the code and the sentence.
func (e *Error) Error() string { return e.Code + ": " + e.Detail }

// The codes of [Error].
const (
	CodeUnreachable = "model_unreachable"  // nobody answers at the address
	CodeBadAddress  = "model_bad_address"  // somebody answers who is no model server
	CodeAuth        = "model_auth"         // the key is missing, wrong, or not enough
	CodeNotFound    = "model_not_found"    // no model of that name
	CodeRateLimited = "model_rate_limited" // too many requests
	CodeQuota       = "model_quota"        // the account is used up
	CodeContext     = "model_context"      // the conversation is too long for the model
	CodeRefused     = "model_refused"      // the server does not like the request
	CodeServer      = "model_server_error" // the server failed
	CodeBadAnswer   = "model_bad_answer"   // the answer can't be understood
	CodeCut         = "model_cut"          // the answer broke off
	CodeStalled     = "model_stalled"      // the answer stopped growing
	CodeSlow        = "model_slow"         // the answer never began
	CodeTooBig      = "model_too_big"      // the answer did not end
	CodeEmpty       = "model_empty"        // the answer held no text
	CodeLength      = "model_length"       // the answer hit the model's length limit
	CodeFiltered    = "model_filtered"     // the provider withheld the answer
	CodeInterrupted = "interrupted"        // Hark went down in the middle
	CodeDeadline    = "deadline"           // the turn took too long
	CodeSteps       = "too_many_steps"     // the model used tools without end
	CodeExpired     = "approval_expired"   // nobody decided about a tool
	CodeBudget      = "budget"             // the day's budget of unattended turns is used up
	CodeInternal    = "internal"           // a fault of Hark's own
	CodeNoModel     = "no_model"           // what was asked needs a model, and none is connected
)

// apiError is what can be read from the many shapes in which servers report
// an error: a string, an object, an object in "error", a list of those, or
// "detail" with a string or a list.
type apiError struct {
	Message string
	Type    string
	Status  int
}

func parseAPIError(raw []byte) apiError {
	return readAPIError(raw, 0)
}

// errorDepth bounds how far an error may be wrapped in itself.
const errorDepth = 4

func readAPIError(raw json.RawMessage, depth int) apiError {
	var s string
	if depth > errorDepth || len(raw) == 0 {
		return apiError{}
	}
	if json.Unmarshal(raw, &s) == nil {
		return apiError{Message: s}
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		if len(list) == 0 {
			return apiError{}
		}
		return readAPIError(list[0], depth+1)
	}
	var o struct {
		Error, Message, Detail, Msg, Type, Code json.RawMessage
	}
	if json.Unmarshal(raw, &o) != nil {
		return apiError{}
	}
	var e apiError
	for _, inner := range []json.RawMessage{o.Error, o.Message, o.Detail, o.Msg} {
		if e = readAPIError(inner, depth+1); e.Message != "" {
			break
		}
	}
	// A numeric code is an HTTP status, a string is a second type.
	if json.Unmarshal(o.Code, &e.Status) != nil && json.Unmarshal(o.Code, &s) == nil {
		e.Type = strings.TrimSpace(e.Type + " " + s)
	}
	if json.Unmarshal(o.Type, &s) == nil {
		e.Type = strings.TrimSpace(e.Type + " " + s)
	}
	return e
}

// maxQuote bounds how much of a server's own words goes into a sentence.
const maxQuote = 240

// quote makes a server's words fit for a sentence: one line, bounded, without
// the key.
func quote(s, key string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if key != "" {
		s = strings.ReplaceAll(s, key, "…")
	}
	s = strings.TrimRight(strings.Join(strings.Fields(s), " "), ".")
	if len(s) <= maxQuote {
		return s
	}
	cut := maxQuote
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
