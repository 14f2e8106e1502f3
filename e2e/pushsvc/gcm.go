package pushsvc

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Chromium's push goes by GCM: it checks in, registers each subscription with a form, and keeps
// one line on which it speaks MCS. The switches --gcm-checkin-url and --gcm-registration-url lead
// the first two here, --gcm-mcs-endpoint leads the third to [Service.ServeMCS].

// checkin gives a browser an identity; any will do.
func checkin(w http.ResponseWriter, _ *http.Request) {
	var b []byte
	b = varintField(b, 1, 1) // stats_ok
	b = varintField(b, 3, uint64(time.Now().UnixMilli()))
	b = protowire.AppendTag(b, 7, protowire.Fixed64Type) // android_id
	b = protowire.AppendFixed64(b, 4501234567890123456)
	b = protowire.AppendTag(b, 8, protowire.Fixed64Type) // security_token
	b = protowire.AppendFixed64(b, 1234567890123456789)
	b = varintField(b, 9, 0) // settings_diff
	w.Header().Set("Content-Type", "application/x-protobuf")
	fmt.Fprintf(w, "%s", b)
}

// register3 makes or takes back a subscription. Chromium also registers a throw-away name first,
// to see that it can.
func (s *Service) register3(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	app, subtype, sender := r.PostForm.Get("app"), r.PostForm.Get("X-subtype"), r.PostForm.Get("sender")
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.PostForm.Get("delete") == "true" {
		for token, sub := range s.subs {
			if sub.channel != "" && sub.channel == subtype {
				delete(s.subs, token)
				s.note(Event{Kind: Unsubscribed, Token: token})
			}
		}
		fmt.Fprintf(w, "token=%s", app)
		return
	}
	sub := &subscription{token: random(12) + ":APA91b" + random(40), channel: subtype, sender: sender, app: app}
	if key, err := base64.RawURLEncoding.DecodeString(sender); err == nil && len(key) == 65 {
		sub.key = key
		s.note(Event{Kind: Subscribed, Token: sub.token})
	}
	if s.gcm != nil {
		sub.line = s.gcm
	}
	s.subs[sub.token] = sub
	fmt.Fprintf(w, "token=%s", sub.token)
}

// stanza is a push as MCS carries it (DataMessageStanza).
func stanza(sub *subscription, m *message) []byte {
	var b []byte
	b = stringField(b, 3, sub.sender) // from
	b = stringField(b, 5, sub.app)    // category
	if len(m.body) > 0 {
		b = appData(b, "content-encoding", "aes128gcm")
	}
	b = appData(b, "subtype", sub.channel)
	b = stringField(b, 9, m.id) // persistent_id
	b = varintField(b, 17, 60)  // ttl
	b = varintField(b, 18, uint64(time.Now().UnixMilli()))
	if len(m.body) > 0 {
		b = stringField(b, 21, string(m.body)) // raw_data
	}
	return varintField(b, 24, 1) // immediate_ack
}

func appData(b []byte, key, value string) []byte {
	pair := stringField(stringField(nil, 1, key), 2, value)
	return stringField(b, 7, string(pair))
}

func stringField(b []byte, n protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), s)
}

func varintField(b []byte, n protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), v)
}
