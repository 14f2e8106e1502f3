package daemon

import (
	"net/http"
	"time"

	"hark/store"
)

// ntfyAccount finds what serves a path below /v1, which ntfy's clients ask when
// they are set up: is this an ntfy, and whom do you take me for?
func (d *Daemon) ntfyAccount(r *http.Request, path string) (dialect, bool) {
	rt := dialect{keys: ntfyKeys, shape: ntfyError}
	switch r.Method + " " + path {
	case "GET health", "HEAD health":
		rt.may, rt.serve = anyone, d.ntfyHealth
	case "GET account":
		rt.may, rt.serve = known, d.ntfyWho
	case "POST account/token":
		rt.may, rt.serve = known, d.ntfyToken
	case "GET stats":
		rt.may, rt.serve = anyone, d.ntfyStats
	case "GET version":
		rt.may, rt.serve = known, d.ntfyVersion
	default:
		rt.may, rt.serve = anyone, func(http.ResponseWriter, *http.Request, guest) error {
			return fault("not_found", "Hark does not have this part of ntfy.")
		}
	}
	return rt, true
}

func (d *Daemon) ntfyHealth(w http.ResponseWriter, _ *http.Request, _ guest) error {
	writeJSON(w, http.StatusOK, map[string]bool{"healthy": true})
	return nil
}

// ntfyWho tells a client about its account, which is its token. What Hark does not
// have is 0.
func (d *Daemon) ntfyWho(w http.ResponseWriter, _ *http.Request, who guest) error {
	none := func(names ...string) map[string]int {
		m := map[string]int{}
		for _, name := range names {
			m[name] = 0
		}
		return m
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"username": who.name, "role": "user", "language": "en",
		"limits": none("messages", "messages_expiry_duration", "emails", "calls", "reservations", "attachment_total_size",
			"attachment_file_size", "attachment_expiry_duration", "attachment_bandwidth"),
		"stats": none("messages", "messages_remaining", "emails", "emails_remaining", "calls", "calls_remaining", "reservations",
			"reservations_remaining", "attachment_total_size", "attachment_total_size_remaining"),
	})
	return nil
}

// ntfyToken answers a client that asks for a token with the one it came with: a
// client that was given it as a password goes on with it as a bearer.
func (d *Daemon) ntfyToken(w http.ResponseWriter, _ *http.Request, who guest) error {
	writeJSON(w, http.StatusOK, map[string]any{
		"token": who.secret, "label": who.name, "last_access": time.Now().Unix(), "last_origin": "",
	})
	return nil
}

// ntfyStats are of the server, and nobody's business but the owner's.
func (d *Daemon) ntfyStats(w http.ResponseWriter, _ *http.Request, _ guest) error {
	writeJSON(w, http.StatusOK, map[string]any{"messages": 0, "messages_rate": 0.0})
	return nil
}

func (d *Daemon) ntfyVersion(w http.ResponseWriter, _ *http.Request, _ guest) error {
	writeJSON(w, http.StatusOK, map[string]any{"version": d.cfg.Version, "commit": "", "date": store.At(d.started)})
	return nil
}

// ntfyAuth serves GET /{topics}/auth: may this caller subscribe?
func (d *Daemon) ntfyAuth(w http.ResponseWriter, _ *http.Request, _ guest) error {
	writeJSON(w, http.StatusOK, map[string]bool{"success": true})
	return nil
}
