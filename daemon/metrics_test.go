package daemon

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"hark/store"
)

// scrape reads /metrics as Prometheus does.
func (r *rig) scrape() map[string]*dto.MetricFamily {
	r.t.Helper()
	a := r.call(http.StatusOK, nil, "GET", "/metrics", "", func(q *http.Request) { q.Header = http.Header{} })
	if got := a.Header.Get("Content-Type"); got != expositionType {
		r.t.Errorf("Content-Type %q", got)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(a.Body))
	if err != nil {
		r.t.Fatalf("%v:\n%s", err, a.Body)
	}
	return families
}

// value is that of the sample whose labels hold all of want, "name=value".
func value(t *testing.T, f *dto.MetricFamily, want ...string) float64 {
	t.Helper()
	for _, m := range f.GetMetric() {
		var have []string
		for _, l := range m.GetLabel() {
			have = append(have, l.GetName()+"="+l.GetValue())
		}
		if slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(have, w) }) {
			continue
		}
		return m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
	}
	t.Errorf("%s has no sample with %v", f.GetName(), want)
	return 0
}

// A monitoring system can read /metrics: well formed, under names of its
// conventions, and with what has happened in it.
func TestMetricsAreReadByAMonitoringSystem(t *testing.T) {
	r := newMemoryRig(t)
	r.call(http.StatusOK, nil, "POST", "/api/assistant/fire", `{"text":"done"}`)
	r.fails(http.StatusNotFound, "not_found", "GET", "/api/conversations/nowhere", "")
	m := r.scrape()
	if n := value(t, m["hark_http_requests_total"], "route=/api/assistant/fire", "method=POST", "code=200"); n != 1 {
		t.Errorf("%v fires, want 1", n)
	}
	if n := value(t, m["hark_http_request_duration_seconds"], "route=/api/conversations/{id}"); n != 1 {
		t.Errorf("%v conversations asked for, want 1", n)
	}
	for name, f := range m {
		if f.GetHelp() == "" {
			t.Errorf("%s says nothing of itself", name)
		}
		if counter := f.GetType() == dto.MetricType_COUNTER; counter != strings.HasSuffix(name, "_total") {
			t.Errorf("%s is a %s: counters, and only they, end in _total", name, f.GetType())
		}
	}
	if n := value(t, m["hark_store_changes_total"]); n < 2 {
		t.Errorf("%v changes, want the message and the inbox at least", n)
	}
}

// A backup that is long ago can be alerted on.
func TestMetricsTellTheLastBackup(t *testing.T) {
	r := newMemoryRig(t)
	if f := r.scrape()["hark_backup_last_timestamp_seconds"]; f != nil {
		t.Errorf("a backup that there is not: %v", f)
	}
	folder := r.d.cfg.backupDir()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"hark-20261120T030000Z.hark", "hark-20261121T030000Z.hark", "holiday-20301121T030000Z.hark"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := float64(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC).Unix())
	if got := value(t, r.scrape()["hark_backup_last_timestamp_seconds"]); got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

// What one look by a monitoring system costs.
func BenchmarkScrape(b *testing.B) {
	db, err := store.Open("", nil)
	if err != nil {
		b.Fatal(err)
	}
	d, err := newDaemon(configFor(b.TempDir()), db)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	}()
	err = db.Update(func(tx *store.Tx) error {
		for range 500 {
			p := &store.Delivery{Message: tx.NewID(), Device: tx.NewID(), State: store.Shown, Times: map[string]store.Time{}}
			if err := tx.PutDelivery(p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	q := httptest.NewRequestWithContext(b.Context(), "GET", "http://127.0.0.1/metrics", nil)
	q.RemoteAddr = "127.0.0.1:1"
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		d.Handler().ServeHTTP(w, q)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
	}
}

// What /metrics tells stays under its names: dashboards are built on them.
func TestMetricNames(t *testing.T) {
	r := newMemoryRig(t)
	r.call(http.StatusOK, nil, "POST", "/api/assistant/fire", `{"text":"done"}`)
	a := r.call(http.StatusOK, nil, "GET", "/metrics", "")
	got := strings.Join(slices.DeleteFunc(strings.SplitAfter(string(a.Body), "\n"), func(line string) bool { return !strings.HasPrefix(line, "# ") }), "")
	const file = "testdata/metrics.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the metrics have changed (run with -update if that is meant):\n%s\nwant:\n%s", got, want)
	}
}

// The dashboard that comes with Hark asks for nothing that Hark does not tell.
func TestDashboardAsksForWhatThereIs(t *testing.T) {
	dashboard, err := os.ReadFile("../docs/monitoring/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(dashboard) {
		t.Fatal("the dashboard is not JSON")
	}
	told, err := os.ReadFile("testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`(?:hark|go|process)_[a-z_]+`).FindAllString(string(dashboard), -1)
	if len(asked) < 10 {
		t.Fatalf("only %v", asked)
	}
	for _, name := range asked {
		family := strings.TrimSuffix(name, "_bucket")
		if !bytes.Contains(told, []byte("# TYPE "+family+" ")) {
			t.Errorf("the dashboard asks for %s, which is not told", name)
		}
	}
}

// Metrics are for this machine, and for who has a token; a proxy on this machine
// does not open them to the world.
func TestMetricsAreNotForEverybody(t *testing.T) {
	r := newMemoryRig(t)
	bare := func(q *http.Request) { q.Header = http.Header{} }
	r.call(http.StatusOK, nil, "GET", "/metrics", "", bare)
	for _, name := range []string{"X-Forwarded-For", "Forwarded", "Via", "X-Forwarded-Proto"} {
		r.fails(http.StatusUnauthorized, "unauthorized", "GET", "/metrics", "", bare, header(name, "192.0.2.1"))
	}
	r.call(http.StatusOK, nil, "GET", "/metrics", "", header("X-Forwarded-For", "192.0.2.1"), bearer(r.token("read")))
	r.fails(http.StatusForbidden, "forbidden", "GET", "/metrics", "", header("Via", "1.1 proxy"), bearer(r.token("fire")))

	public := newRig(t, func(c *Config) { c.PublicURL = "https://hark.example" })
	public.fails(http.StatusUnauthorized, "unauthorized", "GET", "/metrics", "", bare)
	public.call(http.StatusOK, nil, "GET", "/metrics", "")
}

// What a page shows of this Hark is true: who listens, what waits, and pushes
// of the last day by what became of them.
func TestStatusTellsWhatGoesOn(t *testing.T) {
	r := newMemoryRig(t)
	cookie := r.device()
	l := r.listen("", as(cookie))
	l.until("ready")
	var device string
	err := r.d.db.Update(func(tx *store.Tx) error {
		all, err := tx.Devices()
		if err != nil {
			return err
		}
		device = all[0].ID
		at := store.At(tx.Now())
		for _, state := range []string{store.Shown, store.Shown, store.Undelivered} {
			d := &store.Delivery{Message: tx.NewID(), Device: device, State: state, At: at, Times: map[string]store.Time{}}
			if err := tx.PutDelivery(d); err != nil {
				return err
			}
		}
		test := &store.Delivery{Message: tx.NewID(), Device: device, Kind: store.PushTest, State: store.Shown, At: at}
		return tx.PutDelivery(test)
	})
	if err != nil {
		t.Fatal(err)
	}
	var s statusView
	r.call(http.StatusOK, &s, "GET", "/api/status", "", as(cookie))
	if len(s.Connections) != 1 || s.Connections[0].ID != device || s.Connections[0].Name != "phone" || s.Connections[0].Lines != 1 {
		t.Errorf("connections: %+v, want the phone", s.Connections)
	}
	if s.Push.Day[store.Shown] != 2 || s.Push.Day[store.Undelivered] != 1 || len(s.Push.Day) != 2 {
		t.Errorf("pushes of a day: %v, want 2 shown, 1 failed and no test", s.Push.Day)
	}
	if s.Reminders.Next != nil || s.Reminders.LagMS != 0 || s.Storage.FreeBytes == 0 {
		t.Errorf("%+v, %+v", s.Reminders, s.Storage)
	}
	var reader statusView
	r.call(http.StatusOK, &reader, "GET", "/api/status", "", bearer(r.token("read")))
	if reader.Connections != nil {
		t.Errorf("a token that reads is told the devices: %+v", reader.Connections)
	}
}

// A reminder that is due and not fired shows as the scheduler's lag: its clock
// stands still here, because nothing runs.
func TestStatusTellsTheSchedulersLag(t *testing.T) {
	r := newMemoryRig(t)
	err := r.d.db.Update(func(tx *store.Tx) error {
		due := store.At(tx.Now().Add(-time.Minute))
		return tx.PutReminder(&store.Reminder{ID: tx.NewID(), Text: "x", Schedule: "at 2026-11-23T09:00:00", Zone: "UTC", State: store.Active, Next: &due})
	})
	if err != nil {
		t.Fatal(err)
	}
	var s statusView
	r.call(http.StatusOK, &s, "GET", "/api/status", "")
	if s.Reminders.LagMS < 60_000 || s.Reminders.Next == nil {
		t.Errorf("%+v, want a lag of a minute", s.Reminders)
	}
	if got := value(t, r.scrape()["hark_scheduler_lag_seconds"]); got < 60 {
		t.Errorf("metric says %v s", got)
	}
}

// What counting costs a request.
func BenchmarkMetrics(b *testing.B) {
	b.Run("count", func(b *testing.B) {
		q, r := newRequests(), &http.Request{Method: http.MethodPost, Pattern: "/api/assistant/fire"}
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				q.count(r, http.StatusOK, time.Millisecond, false)
			}
		})
	})
}
