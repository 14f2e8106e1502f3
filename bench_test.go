//go:build bench

package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

const (
	rounds = 3
	stored = 100_000 // messages in the large store
	idle   = 1_000   // streams that only listen
	load   = 2 * time.Second
)

// figure is one line of the table: what was measured, once a round. goal is
// what the project wants, in words; met, if set, says whether the median is it.
type figure struct {
	name, unit, goal string
	met              func(median float64) bool
	values           []float64
}

// bench collects figures in the order in which they first come.
type bench struct {
	*testing.B
	bin     string
	figures []*figure
}

func (b *bench) note(name, unit string, v float64) *figure {
	for _, f := range b.figures {
		if f.name == name {
			f.values = append(f.values, v)
			return f
		}
	}
	f := &figure{name: name, unit: unit, values: []float64{v}}
	b.figures = append(b.figures, f)
	return f
}

func (f *figure) atMost(most float64) {
	f.goal, f.met = "≤ "+number(most), func(v float64) bool { return v <= most }
}

func (f *figure) atLeast(least float64) {
	f.goal, f.met = "≥ "+number(least), func(v float64) bool { return v >= least }
}

func (f *figure) median() float64 {
	v := slices.Sorted(slices.Values(f.values))
	return v[len(v)/2]
}

// last is what this round has measured.
func (b *bench) last(name string) float64 {
	for _, f := range b.figures {
		if f.name == name {
			return f.values[len(f.values)-1]
		}
	}
	return math.NaN()
}

// BenchmarkHark drives the program that users get, over real sockets on
// loopback, and prints one table. Every figure is measured once in each of
// several interleaved rounds, so that a machine that is busy for a while slows
// all of them; what the machine itself could do meanwhile is measured beside
// them. The load comes from the same machine. Compare ratios, which are taken
// within a round, rather than numbers of different machines or hours.
func BenchmarkHark(b *testing.B) {
	if b.N > 1 {
		return // the first round took long enough to count
	}
	h := &bench{B: b, bin: filepath.Join(b.TempDir(), "hark"+exe())}
	h.build()
	large := h.fill()
	for range rounds {
		h.fires()
		h.followers()
		h.idleStreams()
		h.chunks()
		h.manyTurns()
		h.resumes()
		h.starts(large)
		h.replays(large)
	}
	h.files()
	h.print()
}

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

func (b *bench) check(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) build() {
	cmd := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", b.bin, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
}

// files measures what is built.
func (b *bench) files() {
	info, err := os.Stat(b.bin)
	b.check(err)
	b.note("binary", "MB", float64(info.Size())/1e6).atMost(24)
	if size, err := firstLoad("frontend/dist"); err != nil {
		b.Logf("first load is not measured: %v", err)
	} else {
		b.note("first load, JavaScript gzipped", "KB", float64(size)/1e3).atMost(60)
	}
}

// print writes the table: medians, and how far the rounds lay apart.
func (b *bench) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(os.Stdout, "\n%s/%s, %d CPUs, median of %d rounds\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds)
	fmt.Fprintln(w, "\tmedian\tlowest\thighest\tunit\tgoal\t\t")
	for _, f := range b.figures {
		low, high := "", ""
		if len(f.values) > 1 {
			low, high = number(slices.Min(f.values)), number(slices.Max(f.values))
		}
		verdict := ""
		if f.met != nil && !f.met(f.median()) {
			verdict = "MISSED"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", f.name, number(f.median()), low, high, f.unit, f.goal, verdict)
	}
	b.check(w.Flush())
	for _, f := range b.figures {
		if spread := slices.Max(f.values) / slices.Min(f.values); strings.HasPrefix(f.name, "machine: ") && spread > 2 {
			fmt.Fprintf(os.Stdout, "\nThe machine was busy with other things: %s went up and down by %.1f×.\n", f.name, spread)
		}
	}
	fmt.Fprintln(os.Stdout)
}

// number writes v with three digits that count, and thousands apart.
func number(v float64) string {
	switch {
	case v >= 100:
		s := fmt.Sprintf("%.0f", v)
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + "," + s[i:]
		}
		return s
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.2f", v), ".00")
}
