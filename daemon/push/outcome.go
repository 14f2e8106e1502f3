package push

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"
)

// outcome is what to do about an answer.
type outcome int

const (
	accepted outcome = iota
	gone             // the subscription is over
	retry            // the same again, later
	refused          // the service does not want pushes from us
	tooLarge
	hopeless // this push will never be taken
)

const (
	maxWait = time.Hour
	// netWait bounds the pause when no service was reached at all: trying is cheap,
	// and the line may be back any moment.
	netWait   = 2 * time.Minute
	firstWait = 5 * time.Second
	// refusedWait is how often a service that refuses us is asked again.
	refusedWait = time.Hour
)

// errRefused marks what is like a refusal of the service, but known before it is
// asked.
var errRefused = errors.New("not sent")

// judge says what an answer means (RFC 8030 §5 to §8, and what services really
// say).
func judge(a answer) outcome {
	switch {
	case errors.Is(a.err, errNotPublic), errors.Is(a.err, errEndpoint), errors.Is(a.err, errPort),
		errors.Is(a.err, webpush.ErrMaxPadExceeded):
		return hopeless
	case errors.Is(a.err, errRefused):
		return refused
	case a.err != nil:
		return retry
	case a.status >= 200 && a.status < 300:
		return accepted
	case a.status == http.StatusNotFound, a.status == http.StatusGone, isOtherKey(a):
		return gone
	case a.status == http.StatusRequestEntityTooLarge:
		return tooLarge
	case a.status == http.StatusTooManyRequests, a.status == http.StatusRequestTimeout, a.status >= 500:
		return retry
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
		return refused
	}
	return hopeless
}

// isOtherKey reports whether the service says that the subscription belongs to
// another key pair: no push of ours will ever reach it.
func isOtherKey(a answer) bool {
	return a.status >= 400 && a.status < 500 && (strings.Contains(a.text, "VapidPkHashMismatch") ||
		strings.Contains(a.text, "do not correspond to the credentials"))
}

// say tells people what the answer was.
func (a answer) say() string {
	if a.err != nil {
		return sentence(strings.TrimPrefix(a.err.Error(), errRefused.Error()+": "))
	}
	s := fmt.Sprintf("The push service answered %d %s", a.status, http.StatusText(a.status))
	if a.text != "" {
		s += ": " + a.text
	}
	return sentence(s)
}

// sentence makes a sentence of an error.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	if s[0] >= 'a' && s[0] <= 'z' {
		s = string(s[0]-'a'+'A') + s[1:]
	}
	return strings.TrimRight(s, ".") + "."
}

// retryAfter reads the header (RFC 9110 §10.2.3): seconds or a date, at most an
// hour; 0 if it is not there or makes no sense.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	var wait time.Duration
	if n, err := strconv.ParseInt(header, 10, 64); err == nil {
		wait = time.Duration(min(n, int64(maxWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxWait)
}

// pause is how long to leave a device's service alone after so many failures in
// a row, the one that a tells of included: twice as long each time, a little
// more or less so that devices don't come back at once, and never shorter than
// the service asked.
func pause(a answer, failures int) time.Duration {
	most := maxWait
	if a.err != nil {
		most = netWait
	}
	wait := most
	if shift := failures - 1; shift < 16 {
		wait = min(firstWait<<max(shift, 0), most)
	}
	wait += time.Duration((rand.Float64() - 0.5) * 0.4 * float64(wait))
	return min(max(wait, a.after), maxWait)
}
