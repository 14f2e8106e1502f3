package daemon

import (
	"crypto/rand"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"hark/store"
)

const (
	codeFor = 10 * time.Minute
	// firstCodeFor is the life of the code that is printed at start: long
	// enough to find the phone.
	firstCodeFor = time.Hour
	// codeDigits is Crockford's base 32: no letter that is read as a digit.
	codeDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	maxName    = 80
)

// codes are the pairing codes that may still be used, each once. They live in
// memory: a restart makes them void.
type codes struct {
	mu      sync.Mutex
	expires map[string]time.Time
}

func newCodes() *codes { return &codes{expires: map[string]time.Time{}} }

// make returns a new code of 40 random bits, which people read as XXXX-XXXX.
func (c *codes) make(life time.Duration) (code string, expires time.Time) {
	var b [8]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	for i := range b {
		b[i] = codeDigits[b[i]&31]
	}
	now := time.Now()
	expires = now.Add(life)
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.expires, func(_ string, at time.Time) bool { return at.Before(now) })
	c.expires[string(b[:])] = expires
	return string(b[:4]) + "-" + string(b[4:]), expires
}

// take reports whether code is good, and voids it.
func (c *codes) take(code string) bool {
	code = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
	c.mu.Lock()
	defer c.mu.Unlock()
	expires, ok := c.expires[code]
	delete(c.expires, code)
	return ok && time.Now().Before(expires)
}

// pair serves POST /api/pair: a browser shows a code and becomes a device.
func (d *Daemon) pair(w http.ResponseWriter, r *http.Request, _ caller) error {
	var in struct{ Code, Name string }
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	if !d.codes.take(in.Code) {
		if wait := d.wrong.take(addressOf(r)); wait > 0 {
			return &problem{code: "too_many", detail: "Too many wrong codes came from this address. Wait a little.", wait: wait}
		}
		return fault("wrong_code", "The code is wrong, was used, or is too old. Ask for a new one: `hark pair`, or Devices in a paired browser.")
	}
	secret := store.NewSecret("")
	v := &store.Device{Name: deviceName(in.Name, r.UserAgent()), Agent: cut(r.UserAgent(), 300)}
	err := d.db.Update(func(tx *store.Tx) error {
		v.ID = tx.NewID()
		v.LastSeen = store.At(tx.Now())
		return tx.PutDevice(v, secret)
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, d.cookie(r, secret))
	writeJSON(w, http.StatusOK, map[string]any{"device": v})
	return nil
}

// pairCode serves POST /api/pair/code. With ?qr=svg the link comes as a picture
// too, with ?qr=text as one for terminals.
func (d *Daemon) pairCode(w http.ResponseWriter, r *http.Request, _ caller) error {
	life := codeFor
	if d.phone.trust() != "" {
		life = firstCodeFor // the phone has a way to go first
	}
	code, expires := d.codes.make(life)
	link := d.pairLink(code)
	out := map[string]any{"code": code, "url": link, "expires": store.At(expires)}
	var err error
	switch r.URL.Query().Get("qr") {
	case "svg":
		out["qr"], err = qrSVG(link)
	case "text":
		out["qr_text"], err = qrText(link)
	}
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}

// pairLink opens the app and hands it the code. The fragment stays in the
// browser: no proxy's log has it.
func (d *Daemon) pairLink(code string) string {
	if d.cfg.PublicURL == "" {
		if page := d.phone.trust(); page != "" {
			return page + "#pair=" + code // which leads on to the app when the device trusts us
		}
	}
	return d.base() + "/#pair=" + code
}

// deviceName is what the owner called it, or else what the browser says it is.
func deviceName(name, agent string) string {
	if name = strings.Join(strings.Fields(name), " "); name != "" {
		return cut(name, maxName)
	}
	browser, system := "Browser", ""
	for _, b := range []string{"Edg", "Firefox", "Chrome", "Safari"} {
		if strings.Contains(agent, b) {
			browser = strings.Replace(b, "Edg", "Edge", 1)
			break
		}
	}
	for _, s := range [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "Mac"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, s[0]) {
			system = " on " + s[1]
			break
		}
	}
	return browser + system
}

// cut shortens s to at most n bytes of valid UTF-8.
func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
