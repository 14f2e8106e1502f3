package push

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"

	"hark/store"
)

const (
	// recordSize is the size of every encrypted body: enough for the payload, and
	// below 3,070 bytes, which is what some services take.
	recordSize = 2048
	// smallRecord is tried when a service finds that too large.
	smallRecord = 1024
	// answerSize bounds what is read of an answer, and answerShown what is kept.
	answerSize  = 4 << 10
	answerShown = 300
	// leastSecret is the length from which on a part of an endpoint may be one.
	leastSecret = 12
)

// letter is one push, ready to be encrypted.
type letter struct {
	payload []byte
	record  uint32
	ttl     time.Duration
	urgency webpush.Urgency
	topic   string
}

// answer is what a push service said, or why it said nothing.
type answer struct {
	status int
	text   string
	after  time.Duration // it asked to be left alone for so long
	date   time.Time     // its clock
	err    error
}

// post sends one letter. It wraps webpush-go, which writes into the caller's
// array, puts mailto: before a subject that has it, and knows no time limit.
func (s *Sender) post(ctx context.Context, sub *store.Subscription, l letter) answer {
	u, err := url.Parse(sub.Endpoint)
	if err != nil {
		return answer{err: errEndpoint}
	}
	if err := s.policy.check(sub.Endpoint); err != nil {
		return answer{err: err}
	}
	subject, err := s.subjectFor(u.Hostname(), sub.Origin)
	if err != nil {
		return answer{err: fmt.Errorf("%w: %w", errRefused, err)}
	}
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	r, err := webpush.SendNotificationWithContext(ctx, slices.Clip(slices.Clone(l.payload)),
		&webpush.Subscription{Endpoint: sub.Endpoint, Keys: webpush.Keys{Auth: sub.Auth, P256dh: sub.P256dh}},
		&webpush.Options{
			HTTPClient: s.client, RecordSize: l.record, Subscriber: subject, Topic: l.topic,
			TTL: seconds(l.ttl), Urgency: l.urgency,
			VAPIDPublicKey: s.keys.Public, VAPIDPrivateKey: s.keys.Private,
		})
	if err != nil {
		return answer{err: plain(ctx, err)}
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(r.Body, answerSize)) // what came of it is worth having
	a := answer{status: r.StatusCode, text: oneLine(withoutSecrets(string(body), u))}
	a.after = retryAfter(r.Header.Get("Retry-After"), s.cfg.Now())
	a.date, _ = http.ParseTime(r.Header.Get("Date"))
	return a
}

// withoutSecrets leaves out of an answer what of the endpoint it repeats: who has
// that can push to the device, and what is said of a push is shown and logged.
func withoutSecrets(text string, endpoint *url.URL) string {
	for _, secret := range []string{endpoint.String(), endpoint.RequestURI(), endpoint.Path, path.Base(endpoint.Path), endpoint.RawQuery} {
		if len(secret) >= leastSecret {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

// seconds is a time to live as it is sent: never 0, which some services refuse.
func seconds(ttl time.Duration) int { return max(int(ttl/time.Second), 1) }

// plain leaves out what of an error is about Go, and the endpoint, which is a
// secret.
func plain(ctx context.Context, err error) error {
	var wrapped *url.Error
	switch {
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return errors.New("the push service did not answer in time")
	case errors.As(err, &wrapped) && wrapped.Timeout():
		return fmt.Errorf("the push service did not answer in time: %w", wrapped.Err)
	case errors.As(err, &wrapped):
		return wrapped.Err
	}
	return err
}

// oneLine is the beginning of what a service said, on one line.
func oneLine(s string) string {
	return cutBytes(strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " "), answerShown)
}
