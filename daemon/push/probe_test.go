package push

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The check names the link that is broken, and says what to do about it; what
// lies behind it is not claimed to be known.
func TestProbeNamesTheLink(t *testing.T) {
	date := ""
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if date != "" {
			w.Header().Set("Date", date)
		}
		w.WriteHeader(http.StatusMethodNotAllowed)
	}))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for c, err := silent.Accept(); err == nil; c, err = silent.Accept() {
			_ = c.Close()
		}
	}()
	closed := silent.Addr().String()
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := mute.Close(); err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	trusting := srv.Client()
	dial := func(fn func(ctx context.Context, network, addr string) (net.Conn, error)) *http.Client {
		return &http.Client{Transport: &http.Transport{DialContext: fn}}
	}
	noName := dial(func(_ context.Context, _, addr string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: addr, IsNotFound: true}
	})
	noServer := dial(func(_ context.Context, _, addr string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "i/o timeout", Name: addr, IsTimeout: true}
	})
	blocked := dial(func(context.Context, string, string) (net.Conn, error) { return nil, errNotPublic })
	for _, c := range []struct {
		why      string
		client   *http.Client
		endpoint string
		date     string
		broken   string
		say      string
	}{
		{"all is well", trusting, srv.URL, "", "", ""},
		{"no such name", noName, "https://push.example/x", "", "dns", "there is no push.example"},
		{"no name server", noServer, "https://push.example/x", "", "dns", "does not answer when asked"},
		{"blocked", blocked, "https://127.0.0.1:1/x", "", "tcp", "not on the public internet"},
		{"nobody listens", trusting, "https://" + mute.Addr().String(), "", "tcp", "refused"},
		{"not trusted", &http.Client{Transport: &http.Transport{}}, srv.URL, "", "tls", "not trusted"},
		{"expired", &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
			RootCAs: trusting.Transport.(*http.Transport).TLSClientConfig.RootCAs, Time: func() time.Time { return time.Now().AddDate(200, 0, 0) },
		}}}, srv.URL, "", "tls", "not valid at this machine's time"},
		{"plain where TLS is due", trusting, "https://" + plainServer(t), "", "answer", "no good answer"},
		{"hangs up", trusting, "https://" + closed, "", "answer", "no good answer"},
		{"slow clock", trusting, srv.URL, time.Now().Add(3 * time.Hour).UTC().Format(http.TimeFormat), "clock", "slow by"},
		{"fast clock", trusting, srv.URL, time.Now().Add(-3 * time.Hour).UTC().Format(http.TimeFormat), "clock", "fast by"},
		{"no address", trusting, "nonsense", "", "dns", "can't be read"},
	} {
		date = c.date
		if tr, ok := c.client.Transport.(*http.Transport); ok {
			tr.CloseIdleConnections()
		}
		checks := probe(t.Context(), c.client, c.endpoint)
		last := checks[len(checks)-1]
		for _, check := range checks[:len(checks)-1] {
			if !check.OK {
				t.Errorf("%s: %+v is not the last", c.why, check)
			}
		}
		switch {
		case c.broken == "" && !last.OK, c.broken != "" && (last.OK || last.Name != c.broken):
			t.Errorf("%s: %+v", c.why, checks)
		case c.broken != "" && (!strings.Contains(last.Say, c.say) || !strings.HasSuffix(last.Cure, ".")):
			t.Errorf("%s: says %q, cure %q; want %q", c.why, last.Say, last.Cure, c.say)
		}
	}
}

func plainServer(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}
