package daemon

import (
	"maps"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"time"

	"hark/store"
)

// metrics serves what a monitoring system asks for, in the text format of
// Prometheus. Nothing in it is anybody's words.
func (d *Daemon) metrics(w http.ResponseWriter, r *http.Request, _ caller) error {
	if !d.fromHere(r) {
		if _, err := d.authorise(w, r, mayRead); err != nil {
			return err
		}
	}
	v, err := d.vitals()
	if err != nil {
		return err
	}
	var e exposition
	d.writeProcess(&e)
	d.writeStore(&e)
	v.write(&e)
	e.family("hark_push_requests_total", "counter", "Requests to push services since the start, by what came of them.")
	sent := d.push.Outcomes()
	for _, outcome := range slices.Sorted(maps.Keys(sent)) {
		e.sample("hark_push_requests_total", float64(sent[outcome]), "outcome", outcome)
	}
	if err := d.writeUsage(&e); err != nil {
		return err
	}
	d.asked.write(&e)
	w.Header().Set("Content-Type", expositionType)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(e.Bytes()) // who has gone needs no other answer
	return nil
}

// fromHere reports whether a program on this machine asks, with nobody between:
// a proxy on this machine calls from loopback for the whole world.
func (d *Daemon) fromHere(r *http.Request) bool {
	if d.cfg.PublicURL != "" || d.phone.proxyURL() != "" || wasForwarded(r) {
		return false
	}
	host := bareHost(r.Host)
	name, err := netip.ParseAddr(host)
	return peerOf(r.RemoteAddr).IsLoopback() && (host == "localhost" || err == nil && name.IsLoopback())
}

func (d *Daemon) writeProcess(e *exposition) {
	e.family("hark_build_info", "gauge", "Always 1; the labels say what runs.")
	e.sample("hark_build_info", 1, "go", runtime.Version(), "version", d.cfg.Version)
	e.gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.", seconds(d.started))
	e.gauge("hark_ready", "1 when work is taken: not while starting or stopping.", oneIf(d.running.Load() && !d.draining.Load()))
	samples := []metrics.Sample{
		{Name: "/sched/goroutines:goroutines"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/total:bytes"},
	}
	metrics.Read(samples)
	for i, name := range []string{"go_goroutines", "go_memstats_heap_alloc_bytes", "go_memstats_sys_bytes"} {
		help := []string{"Goroutines.", "Memory of live objects.", "Memory taken from the system."}[i]
		if samples[i].Value.Kind() == metrics.KindUint64 {
			e.gauge(name, help, float64(samples[i].Value.Uint64()))
		}
	}
	e.gauge("hark_streams", "Open streams.", float64(d.streams.number()))
}

func (d *Daemon) writeStore(e *exposition) {
	e.gauge("hark_store_bytes", "Size of the store on disk.", float64(d.db.Size()))
	e.family("hark_store_changes_total", "counter", "Changes of records since the store was made.")
	e.sample("hark_store_changes_total", float64(d.db.Head().Seq))
	if free, err := d.freeSpace(d.cfg.Data); err == nil {
		e.gauge("hark_disk_free_bytes", "What can still be written to the disk of the data folder.", float64(free))
	}
	if at := newestBackup(d.cfg.backupDir()); !at.IsZero() {
		e.gauge("hark_backup_last_timestamp_seconds", "When the newest backup was made.", seconds(at))
	}
	e.gauge("hark_disk_nearly_full", "1 when changes are refused for want of disk.", oneIf(d.full.Load()))
}

func (v vitals) write(e *exposition) {
	e.family("hark_turns", "gauge", "Replies that are not finished, by state.")
	e.sample("hark_turns", float64(v.Turns.Queued), "state", "queued")
	e.sample("hark_turns", float64(v.Turns.Running), "state", "running")
	e.sample("hark_turns", float64(v.Turns.Waiting), "state", "waiting")
	e.gauge("hark_push_devices", "Devices that have a push subscription.", float64(v.Push.Devices))
	e.gauge("hark_push_queued", "Pushes still to be sent.", float64(v.Push.Queued))
	e.family("hark_push_deliveries_day", "gauge", "Pushes of the messages of the last 24 hours, by what became of them.")
	for _, state := range slices.Sorted(maps.Keys(v.Push.Day)) {
		e.sample("hark_push_deliveries_day", float64(v.Push.Day[state]), "state", state)
	}
	e.gauge("hark_scheduler_lag_seconds", "For how long a reminder that is due has waited to be fired.", float64(v.Reminders.LagMS)/1000)
	if v.Reminders.Next != nil {
		e.gauge("hark_scheduler_next_timestamp_seconds", "When the first reminder comes due.", seconds(v.Reminders.Next.Time))
	}
	e.family("hark_tool_servers", "gauge", "Servers that bring tools, by state.")
	for _, state := range slices.Sorted(maps.Keys(v.Tools)) {
		e.sample("hark_tool_servers", float64(v.Tools[state]), "state", state)
	}
}

// writeUsage tells what models have cost. The days that are kept are added up,
// so that a restart loses nothing; when the oldest leaves, the counter starts
// anew, as counters may.
func (d *Daemon) writeUsage(e *exposition) error {
	sums := map[string]store.Usage{}
	err := d.db.View(func(tx *store.Tx) error {
		days, err := tx.UsageSince("")
		for _, u := range days {
			sum := sums[u.Source]
			sum.Add(u.Usage)
			sums[u.Source] = sum
		}
		return err
	})
	sources := slices.Sorted(maps.Keys(sums))
	e.family("hark_model_calls_total", "counter", "Answers of models, by the kind of what asked.")
	for _, s := range sources {
		e.sample("hark_model_calls_total", float64(sums[s].Calls), "source", s)
	}
	e.family("hark_model_tokens_total", "counter", "Tokens of models, by the kind of what asked.")
	for _, s := range sources {
		e.sample("hark_model_tokens_total", float64(sums[s].Input), "direction", "input", "source", s)
		e.sample("hark_model_tokens_total", float64(sums[s].Output), "direction", "output", "source", s)
	}
	return err
}

// newestBackup is when the newest backup in a folder was made, by the names
// alone: this is asked every few seconds. It is zero when there is none.
func newestBackup(folder string) (newest time.Time) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return newest // the folder is made with the first
	}
	for _, f := range files {
		if !backupName.MatchString(f.Name()) {
			continue
		}
		stem := strings.TrimSuffix(f.Name(), ".hark")
		at, err := time.Parse("20060102T150405Z", stem[strings.LastIndexByte(stem, '-')+1:])
		if err == nil && at.After(newest) {
			newest = at
		}
	}
	return newest
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func oneIf(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
