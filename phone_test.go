package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"hark/e2e/pushsvc"
)

// phone is a paired device that shows, and says so, what the push service
// gives it.
type phone struct {
	url     string // of Hark
	client  *http.Client
	browser *pushsvc.Browser
}

// phones is the push service of one script and the phones that it reaches.
type phones struct {
	service *pushsvc.Service
	url     string

	mu  sync.Mutex // the push service runs beside the script
	all []*phone
}

// pushServiceCmd starts a push service, admitted by HARK_PUSH_ALLOW for the
// Hark that is started next, or has the next request to it fail:
//
//	pushservice [fail STATUS TEXT]
func pushServiceCmd(ts *testscript.TestScript, neg bool, args []string) {
	p, ok := ts.Value("phones").(*phones)
	want(ts, neg, ok && (len(args) == 0 || len(args) == 3 && args[0] == "fail"), "pushservice [fail STATUS TEXT]")
	if len(args) > 0 {
		status, err := strconv.Atoi(args[1])
		ts.Check(err)
		p.service.SetFault(pushsvc.Fault{Times: 1, Status: status, Body: args[2]})
		return
	}
	p.service = pushsvc.New()
	inner := p.service.Handler()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r)
		if r.Method == http.MethodPost {
			p.mu.Lock()
			all := slices.Clone(p.all)
			p.mu.Unlock()
			for _, one := range all {
				if err := one.show(); err != nil {
					ts.Logf("phone: %v", err)
				}
			}
		}
	}))
	ts.Defer(srv.Close)
	p.url = srv.URL
	ts.Setenv("HARK_PUSH_ALLOW", srv.Listener.Addr().String())
}

// phoneCmd pairs a phone with the Hark at URL by a code, and switches its
// notifications on:
//
//	phone URL CODE NAME
func phoneCmd(ts *testscript.TestScript, neg bool, args []string) {
	all, ok := ts.Value("phones").(*phones)
	want(ts, neg, ok && len(args) == 3, "phone URL CODE NAME")
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	p := &phone{url: args[0], client: &http.Client{Jar: jar}}
	ts.Check(p.call(http.MethodPost, "/api/pair", map[string]string{"code": args[1], "name": args[2]}, nil))
	var info struct{ Key string }
	ts.Check(p.call(http.MethodGet, "/api/push", nil, &info))
	p.browser, err = all.service.Subscribe(info.Key)
	ts.Check(err)
	ts.Check(p.call(http.MethodPut, "/api/push/subscription", map[string]any{
		"endpoint": all.url + "/wpush/v2/" + p.browser.Token, "display": "standalone", "origin": "https://hark.example.org",
		"keys": map[string]string{"p256dh": p.browser.P256dh, "auth": p.browser.Auth},
	}, nil))
	all.mu.Lock()
	defer all.mu.Unlock()
	all.all = append(all.all, p)
}

// show sends the receipt of the last push, as the worker does.
func (p *phone) show() error {
	inbox, err := p.browser.Inbox()
	if err != nil || len(inbox) == 0 {
		return err
	}
	var push struct {
		Notification struct{ Data struct{ Receipt string } }
	}
	if err := json.Unmarshal(inbox[len(inbox)-1], &push); err != nil {
		return err
	}
	return p.call(http.MethodPost, "/api/push/receipt", map[string]string{"receipt": push.Notification.Data.Receipt, "event": "shown"}, nil)
}

func (p *phone) call(method, path string, body, out any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(method, p.url+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode > 299 {
		var b strings.Builder
		_ = resp.Write(&b)
		return fmt.Errorf("%s %s: %s", method, path, b.String())
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(out)
}
