package daemon

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// listening serves a daemon with the server that Run uses, whose limits matter
// here, and returns its address.
func listening(t *testing.T, d *Daemon) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := d.server()
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close() })
	return ln.Addr().String()
}

// A body that never ends is refused after little of it was read, and little memory
// was used, in every dialect.
func TestEndlessBody(t *testing.T) {
	r := newMemoryRig(t)
	addr := listening(t, r.d)
	for _, c := range []struct{ name, head string }{
		{"text", "POST /a HTTP/1.1\r\n"},
		{"JSON at the root", "POST / HTTP/1.1\r\nContent-Type: application/json\r\n"},
		{"a file", "PUT /a HTTP/1.1\r\nFilename: film.mkv\r\n"},
		{"Gotify", "POST /message HTTP/1.1\r\nContent-Type: application/json\r\n"},
		{"native", "POST /api/assistant/fire HTTP/1.1\r\nContent-Type: text/plain\r\n"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		const size = 1 << 30
		_, _ = fmt.Fprintf(conn, "%sHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n", c.head, r.d.admin, size)
		sent := make(chan int)
		go func() {
			n, piece := 0, bytes.Repeat([]byte("x"), 64<<10)
			for n < size {
				m, err := conn.Write(piece)
				if n += m; err != nil {
					break // refused
				}
			}
			sent <- n
		}()
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("%s: %d", c.name, resp.StatusCode)
			}
		}
		_ = conn.Close()
		if n := <-sent; n > 128<<20 {
			t.Errorf("%s: %d MB were taken before it was refused", c.name, n>>20)
		}
		runtime.ReadMemStats(&after)
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 32 {
			t.Errorf("%s: %d MB of memory", c.name, used)
		}
	}
}

// Ten thousand headers are too many to look at.
func TestManyHeaders(t *testing.T) {
	r := newMemoryRig(t)
	conn, err := net.Dial("tcp", listening(t, r.d))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	var b bytes.Buffer
	b.WriteString("POST /a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + r.d.admin + "\r\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "X-Title-%d: x\r\n", i)
	}
	b.WriteString("Content-Length: 1\r\n\r\nx")
	go func() { _, _ = conn.Write(b.Bytes()) }()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Error(resp.Status)
	}
	r.hasSaid(0)
}

// hasSaid holds that so many messages were delivered.
func (r *rig) hasSaid(want int) {
	r.t.Helper()
	n := 0
	err := r.d.db.View(func(tx *store.Tx) error {
		all, err := tx.Conversations()
		for _, c := range all {
			n += tx.CountMessages(c.ID, "~")
		}
		return err
	})
	if err != nil || n != want {
		r.t.Errorf("%d messages, want %d (%v)", n, want, err)
	}
}

// A body that dribbles in is given up in every dialect, in that dialect's form.
func TestSlowSender(t *testing.T) {
	for _, head := range []string{"POST /a", "PUT /a?f=x.bin", "POST /message"} {
		synctest.Test(t, func(t *testing.T) {
			db, err := store.Open("", nil)
			if err != nil {
				t.Fatal(err)
			}
			d, err := newDaemon(configFor(""), db)
			if err != nil {
				t.Fatal(err)
			}
			client, server := net.Pipe()
			srv := d.server()
			go func() { _ = srv.Serve(&oneConn{conn: server, done: make(chan struct{})}) }()
			begun := time.Now()
			go func() {
				_, _ = fmt.Fprintf(client, "%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: 1000\r\n\r\n", head, d.admin)
				for range 1000 {
					if _, err := client.Write([]byte("x")); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			}()
			answer, _ := io.ReadAll(client)
			if !bytes.Contains(answer, []byte(" 408 ")) || !bytes.Contains(answer, []byte("did not arrive")) || time.Since(begun) > bodyTime+time.Second {
				t.Errorf("%s: after %v: %s", head, time.Since(begun), answer)
			}
			_ = client.Close()
			_ = srv.Close()
			time.Sleep(2 * time.Second) // the one who dribbles notices
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Whoever guesses tokens is told to wait, whichever way they come; a right one
// still opens.
func TestGuessedTokens(t *testing.T) {
	basic := func(secret string) string {
		return base64.RawURLEncoding.EncodeToString([]byte("Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+secret))))
	}
	for name, guess := range map[string]func(q *http.Request, secret string){
		"bearer": func(q *http.Request, s string) { q.Header.Set("Authorization", "Bearer "+s) },
		"basic":  func(q *http.Request, s string) { q.SetBasicAuth("x", s) },
		"auth":   func(q *http.Request, s string) { q.URL.RawQuery = "auth=" + basic(s) },
		"cookie": func(q *http.Request, s string) {
			q.URL.RawQuery = "auth=" + basic(s)
			q.AddCookie(&http.Cookie{Name: cookieName, Value: "x"})
		},
		"gotify": func(q *http.Request, s string) { q.URL.Path = "/message"; q.Header.Set("X-Gotify-Key", s) },
		"token":  func(q *http.Request, s string) { q.URL.Path = "/message"; q.URL.RawQuery = "token=" + s },
	} {
		t.Run(name, func(t *testing.T) {
			r := newMemoryRig(t)
			codes := map[int]int{}
			for i := range 40 {
				a := r.send("POST", "/a", `{"message":"x"}`, func(q *http.Request) {
					q.Header.Del("Authorization")
					guess(q, fmt.Sprintf("hark_GUESS%d", i))
				})
				codes[a.StatusCode]++
				if a.StatusCode == http.StatusTooManyRequests && a.Header.Get("Retry-After") == "" {
					t.Error("429 without Retry-After")
				}
			}
			if codes[401] < wrongPerMinute || codes[401] > wrongPerMinute+2 || codes[429] != 40-codes[401] {
				t.Error(codes)
			}
			r.call(200, nil, "POST", "/a", `{"message":"x"}`, func(q *http.Request) {
				q.Header.Del("Authorization")
				guess(q, r.d.admin)
			})
		})
	}
}

// No token gets into the log, right or wrong, however it came and whatever became
// of the request.
func TestTokensAreNotLogged(t *testing.T) {
	var said lockedBuffer
	r := newRig(t, func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	secret := r.token("fire", "read")
	encoded := base64.StdEncoding.EncodeToString([]byte("x:" + secret))
	auth := base64.RawURLEncoding.EncodeToString([]byte("Basic " + encoded))
	for _, key := range []string{secret, "hark_WRONGWRONGWRONGWRONGWRONGWR"} {
		pair := base64.StdEncoding.EncodeToString([]byte("x:" + key))
		ways := []func(*http.Request){
			bearer(key), header("Authorization", "Basic "+pair), header("Authorization", "Basic "+key), header("X-Gotify-Key", key),
			func(q *http.Request) { q.URL.RawQuery = "token=" + key },
			func(q *http.Request) {
				q.URL.RawQuery = "auth=" + base64.RawURLEncoding.EncodeToString([]byte("Bearer "+key))
			},
			func(q *http.Request) { q.URL.RawQuery = "auth=" + key },
		}
		for _, path := range []string{"POST /a", "POST /", "PUT /b%2e", "GET /a/trigger", "POST /message", "GET /a/json", "GET /a/ws", "GET /v1/account", "POST /v1/account/token", "GET /", "POST /api/assistant/fire"} {
			for _, way := range ways {
				method, path, _ := strings.Cut(path, " ")
				a := r.send(method, path, `{"message":"x"}`, func(q *http.Request) {
					q.Header.Del("Authorization")
					way(q)
					q.URL.RawQuery += "&poll=1"
				})
				_ = a
			}
		}
	}
	log := said.String()
	if !strings.Contains(log, "/a/trigger") {
		t.Fatalf("nothing was logged: %s", log)
	}
	for _, never := range []string{secret, secret[len(tokenPrefix):], "WRONGWRONG", encoded, auth} {
		if strings.Contains(log, never) {
			t.Errorf("the log has %q", never)
		}
	}
}

// A page whose name was made to point here (DNS rebinding), or that posts across
// sites, gets nothing from the root either, even if it knows a token; and no page
// of another site may read an answer.
func TestRootIsGuarded(t *testing.T) {
	r := newMemoryRig(t)
	for _, path := range []string{"POST /", "POST /a", "PUT /a", "GET /a/trigger", "GET /a/json?poll=1", "GET /a/ws", "GET /a/auth", "POST /message", "GET /v1/health", "GET /v1/account", "GET /version"} {
		method, path, _ := strings.Cut(path, " ")
		a := r.send(method, path, `{"message":"x"}`, func(q *http.Request) { q.Host = "evil.example" })
		if a.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s %s under another name: %d", method, path, a.StatusCode)
		}
		a = r.send("OPTIONS", path, "", header("Origin", "https://evil.example"), header("Access-Control-Request-Method", method))
		if a.Header.Get("Access-Control-Allow-Origin") != "" || a.StatusCode < 400 {
			t.Errorf("preflight of %s: %d %v", path, a.StatusCode, a.Header)
		}
		if method == "GET" {
			continue
		}
		a = r.send(method, path, `{"message":"x"}`, header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://evil.example"))
		if a.StatusCode != http.StatusForbidden {
			t.Errorf("%s %s across sites: %d", method, path, a.StatusCode)
		}
	}
	r.hasSaid(0)
}
