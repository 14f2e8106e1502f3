package daemon

import (
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hark/store"
)

// gotifyMessage serves Gotify's POST /message: JSON, a form, or the query.
func (d *Daemon) gotifyMessage(w http.ResponseWriter, r *http.Request, who guest) error {
	if err := d.admit(who.caller); err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(unwrap(w), r.Body, int64(d.cfg.Limits.Body))
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	in := new(fireInput)
	prio, err := in.fromGotify(r.Header.Get("Content-Type"), body, r.URL.Query())
	if err != nil {
		return err
	}
	if in.Text == "" {
		in.Text, in.Title = in.Title, ""
	}
	if in.Text == "" {
		return fault("bad_request", "Field 'message' is required")
	}
	out, err := d.say(in, r, who)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, struct {
		ID       store.Seq  `json:"id"`
		App      int        `json:"appid"`
		Message  string     `json:"message"`
		Title    string     `json:"title"`
		Priority int        `json:"priority"`
		Date     store.Time `json:"date"`
		Warnings []string   `json:"warnings"`
	}{out.Cursor.Seq, 1, in.Text, in.Title, prio, store.At(time.Now()), out.Warnings})
	return nil
}

// fromGotify reads a message of Gotify's, and returns its priority as it was given.
func (in *fireInput) fromGotify(contentType string, body []byte, query url.Values) (prio int, err error) {
	fields := map[string]any{}
	kind, params, _ := mime.ParseMediaType(contentType) // what it is not stays empty
	object, isObject := readObject(body)
	switch {
	case isObject:
		if err := decodeJSON(body, &fields); err != nil {
			return 0, err
		}
	case isJSON(contentType) && len(body) > 0:
		return 0, decodeJSON(body, &fields)
	case kind == "multipart/form-data":
		values, err := in.parts(body, params["boundary"])
		if err != nil {
			return 0, err
		}
		addValues(fields, values)
	case kind == "application/x-www-form-urlencoded":
		values, _ := url.ParseQuery(string(body)) // what can be read of it
		addValues(fields, values)
	}
	addValues(fields, query)
	prio = in.gotifyFields(fields)
	if in.Text == "" && isObject {
		in.fromReport(object, body)
	}
	return prio, nil
}

// addValues adds what is not there yet.
func addValues(fields map[string]any, values url.Values) {
	for name := range values {
		if _, given := fields[name]; !given {
			fields[name] = values.Get(name)
		}
	}
}

func (in *fireInput) gotifyFields(fields map[string]any) (prio int) {
	in.fromText(toText(fields["message"]))
	in.Title = in.short("title", fields["title"], maxTitle)
	if text := toText(fields["priority"]); text != "" {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			in.warn("priority %.20q is not a number: the default was used", text)
		} else {
			prio = int(min(max(n, -1), 100))
			in.Priority = fromGotifyPriority(prio)
		}
	}
	extras, _ := fields["extras"].(map[string]any)
	if display, ok := extras["client::display"].(map[string]any); ok {
		in.Markdown = toText(display["contentType"]) == "text/markdown"
	}
	if notification, ok := extras["client::notification"].(map[string]any); ok {
		if click, ok := notification["click"].(map[string]any); ok {
			in.click(toText(click["url"]))
		}
	}
	return prio
}

// fromGotifyPriority maps 0 to 10 as Gotify's own app treats them: 0 makes no
// sound, 4 to 7 is ordinary, from 8 on it insists.
func fromGotifyPriority(n int) int {
	switch {
	case n <= 0:
		return 1
	case n <= 3:
		return 2
	case n <= 7:
		return 3
	case n <= 9:
		return 4
	}
	return 5
}

// gotifyAbout serves GET /version and /health.
func (d *Daemon) gotifyAbout(w http.ResponseWriter, r *http.Request, _ guest) error {
	if strings.Trim(r.URL.Path, "/") == "health" {
		writeJSON(w, http.StatusOK, map[string]string{"health": "green", "database": "green"})
		return nil
	}
	writeJSON(w, http.StatusOK, map[string]any{"version": d.cfg.Version, "commit": "", "buildDate": store.At(d.started)})
	return nil
}

// gotifyError is an error in Gotify's form.
func gotifyError(status int, p *problem) any {
	return struct {
		Error       string `json:"error"`
		Code        int    `json:"errorCode"`
		Description string `json:"errorDescription"`
	}{http.StatusText(status), status, p.detail}
}
