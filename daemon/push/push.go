package push

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"hark/store"
)

// Config is what a [Sender] works with. DB is required.
type Config struct {
	DB  *store.DB
	Log *slog.Logger // nil is silence
	// LogOf is the log for what is about one message. Nil: Log.
	LogOf func(message string) *slog.Logger
	// Present reports whether a page of the device is open and visible. Then its
	// push waits up to 3 seconds for the page to say that it has shown the
	// message. Nil: never.
	Present func(device string) bool
	// Origin is the address that browsers open, such as https://hark.example. A
	// subscription that knows its own is not asked for it. Nil: none.
	Origin func() string
	// Allow admits push services that are not on the public internet, or not
	// https: HOST:PORT, or HOST=ADDRESS:PORT, which reaches a host at an address.
	Allow []string
	// Subject is who answers for the pushes (RFC 8292 §2.1): a mail address or an
	// https URL. Empty: Origin, if that has a public name.
	Subject string
	// Zone is the owner's time zone (IANA). Nil: UTC.
	Zone func() string
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
	// Public reports whether an address is one of the public internet. Nil:
	// none is, and only what Allow names is sent to.
	Public func(netip.Addr) bool
}

// Sender pushes what is in the store's outbox. Make one with [New].
type Sender struct {
	cfg    Config
	policy *policy
	client *http.Client
	keys   keys
	fault  error // of the keys or the subject, in words for people; nothing is sent
	secret []byte
	limit  time.Duration // of one request

	all      chan struct{} // one for each request under way
	mu       sync.Mutex
	hosts    map[string]chan struct{}    // the same, by host
	busy     map[string]bool             // devices whose outbox is being emptied
	wake     chan struct{}               // a device is not busy any more
	sent     map[string]*pace            // by device
	taken    map[string]*conclusion      // by device: what its service took and the store did not
	outcomes [hopeless + 1]atomic.Uint64 // requests by what came of them
	line     line
	heard    time.Time // when silent devices were last looked for; Run's own
	work     sync.WaitGroup
}

// Result is how a test push went so far. ID is what [store.Tx.Delivery] knows it
// by, with the device.
type Result struct {
	ID     string `json:"id"`
	State  string `json:"state"` // queued, accepted or failed; the ledger has what comes later
	Detail string `json:"detail,omitempty"`
}

// New prepares to send. It makes the key pair that all subscriptions are bound
// to when there is none yet, and never again: a pair that does not fit together
// is a fault that [Sender.Fault] tells, not a reason for a new one, which every
// device would have to be subscribed for anew. The error is the store's, or one
// of Config.
func New(cfg Config) (*Sender, error) {
	cfg.defaults()
	p, err := newPolicy(cfg.Allow, cfg.Public)
	if err != nil {
		return nil, err
	}
	s := &Sender{
		cfg: cfg, policy: p, client: p.client(), limit: answerTime,
		all: make(chan struct{}, allAtOnce), hosts: map[string]chan struct{}{},
		busy: map[string]bool{}, wake: make(chan struct{}, 1), sent: map[string]*pace{}, taken: map[string]*conclusion{},
	}
	if s.keys, err = loadKeys(cfg.DB); err != nil {
		return nil, err
	}
	s.fault = s.keys.check()
	if cfg.Subject != "" && s.fault == nil {
		_, s.fault = Subject(cfg.Subject)
	}
	s.secret, err = loadSecret(cfg.DB)
	return s, err
}

func (c *Config) defaults() {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.LogOf == nil {
		c.LogOf = func(string) *slog.Logger { return c.Log }
	}
	if c.Present == nil {
		c.Present = func(string) bool { return false }
	}
	if c.Origin == nil {
		c.Origin = func() string { return "" }
	}
	if c.Zone == nil {
		c.Zone = func() string { return "UTC" }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Public == nil {
		c.Public = func(netip.Addr) bool { return false }
	}
}

// Key is the public key that pages subscribe with (applicationServerKey), 65
// bytes as base64url without padding.
func (s *Sender) Key() string { return s.keys.Public }

// Outcomes is how many requests to push services came to what end, since New.
func (s *Sender) Outcomes() map[string]uint64 {
	out := map[string]uint64{}
	for o, name := range []string{"accepted", "gone", "retry", "refused", "too_large", "hopeless"} {
		out[name] = s.outcomes[o].Load()
	}
	return out
}

// Fault is why nothing can be pushed at all, in words for people, or nil.
func (s *Sender) Fault() error { return s.fault }

// CheckEndpoint says, for people, why pushes can't be sent to an endpoint, as
// far as its address alone tells, or nil.
func (s *Sender) CheckEndpoint(endpoint string) error { return s.policy.check(endpoint) }

// Test pushes a test notification to a device now, with a time to live of 60
// seconds, and returns when the push service has answered. That the device has
// shown it is told by the ledger, when its receipt has come. The error is
// store.ErrNotFound where the device has no subscription, ctx's, or the store's.
func (s *Sender) Test(ctx context.Context, device string) (Result, error) {
	var d *store.Delivery
	var sub *store.Subscription
	err := s.cfg.DB.Update(func(tx *store.Tx) (err error) {
		if sub, err = tx.Subscription(device); err != nil {
			return err
		}
		at := store.At(tx.Now())
		d = &store.Delivery{
			Message: tx.NewID(), Device: device, Kind: store.PushTest, State: store.Waiting, At: at,
			Times: map[string]store.Time{store.Waiting: at}, Priority: 5, Round: 1,
		}
		return tx.PutDelivery(d)
	})
	if err != nil {
		return Result{}, err
	}
	if _, err := s.deliver(ctx, sub, []*store.Delivery{d}, 0); err != nil {
		return Result{}, err
	}
	s.poke() // a service that takes this will take what waits
	err = s.cfg.DB.View(func(tx *store.Tx) (err error) {
		d, err = tx.Delivery(d.Message, device)
		return err
	})
	return Result{ID: d.Message, State: d.State, Detail: d.Detail}, err
}
