package push

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/e2e/pushsvc"
	"hark/store"
)

// meter counts requests that are under way, by host.
type meter struct {
	to   http.RoundTripper
	mu   sync.Mutex
	now  map[string]int
	most map[string]int
}

func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	m.count(r.URL.Host, 1)
	defer m.count(r.URL.Host, -1)
	return m.to.RoundTrip(r)
}

func (m *meter) count(host string, by int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range []string{host, "all"} {
		m.now[k] += by
		m.most[k] = max(m.most[k], m.now[k])
	}
}

// At most four requests are under way to one host and eight in all, however many
// devices there are; a service that hangs does not keep the others waiting for
// longer than a request may take.
func TestAtOnce(t *testing.T) {
	inTime(t, func(c *Config) { c.Allow = []string{"a.test=127.0.0.1:1", "b.test=127.0.0.1:1", "c.test=127.0.0.1:1"} }, func(r *rig) {
		m := &meter{to: r.s.client.Transport, now: map[string]int{}, most: map[string]int{}}
		r.s.client.Transport = m
		for i := range 30 {
			b := r.device(fmt.Sprint("device-", i))
			r.update(func(tx *store.Tx) error {
				at := fmt.Sprintf("http://%c.test/wpush/v2/%s", "abc"[i%3], b.Token)
				return tx.PutSubscription(subscriptionOf(fmt.Sprint("device-", i), at, b))
			})
		}
		r.svc.SetFault(pushsvc.Fault{Times: 1 << 20, Delay: time.Second})
		r.say("hello", nil)
		pass(2 * time.Minute)
		if n := r.count(pushsvc.Posted); n != 30 {
			t.Errorf("%d of 30 devices reached", n)
		}
		for host, limit := range map[string]int{"a.test": hostAtOnce, "b.test": hostAtOnce, "c.test": hostAtOnce, "all": allAtOnce} {
			if m.most[host] > limit || m.most[host] < 2 {
				t.Errorf("%s: %d at once, the limit is %d", host, m.most[host], limit)
			}
		}
	})
}

// Nothing is allowed by a notification that does not show all that it is about.
func TestAllowIsNotCut(t *testing.T) {
	m := &store.Message{ID: "m", Conversation: "c"}
	waiting(step(1, store.StepWaiting, strings.Repeat(`"\`, 150)))(m)
	n := &note{}
	n.words(m, &store.Conversation{ID: "c"}, &store.Delivery{Message: "m", Kind: store.PushApproval, Priority: 3})
	n.Notification.Data.Receipt = strings.Repeat("r", 100)
	for limit, want := range map[int]bool{maxPayload: true, smallPayload: false} {
		b, err := n.encode(limit)
		ok(t, err)
		if got := strings.Contains(string(b), `"allow"`); got != want {
			t.Errorf("%d bytes: Allow offered %v, want %v: %s", limit, got, want, b)
		}
	}
}
