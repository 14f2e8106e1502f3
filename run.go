package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// runQuiet is how long a command runs before it is worth a message that it
	// does: most end sooner.
	runQuiet = 5 * time.Second
	// runLines and runBytes are how much of the output's end is told.
	runLines, runBytes = 15, 4 << 10

	// As shells have it.
	exitNotRunnable = 126
	exitNoCommand   = 127
	exitSignal      = 128 // plus the signal
)

func runVerb() verb {
	return verb{
		name:  "run",
		args:  "-- COMMAND [ARGUMENT...]",
		short: "run a command and say how it went",
		intro: `  hark run -- make backup
  hark run -t "Nightly backup" --only-failure -- restic backup /srv
  0 3 * * *  hark run -t Backup -- /usr/local/bin/backup     (in a crontab)

The command runs as it would by itself: its input, its output and its exit
status are passed on. While it runs one message shows for how long, without a
sound; at the end the same message says how it went, with the last lines. A
command that fails is told with priority 4. If Hark can't be reached the command
runs all the same, and standard error says that nobody was told.
`,
		setup: setupRun,
	}
}

// command is one run of "hark run".
type command struct {
	*cli
	body      fireBody
	every     time.Duration
	retry     time.Duration
	onFailure bool

	began time.Time
	tail  *lastLines
}

func setupRun(c *cli, flags *flag.FlagSet) action {
	r := &command{cli: c, tail: &lastLines{}}
	fireFlags(flags, &r.body)
	flags.DurationVar(&r.every, "every", 30*time.Second, "update the message this often while it runs; 0 is never")
	flags.BoolVar(&r.onFailure, "only-failure", false, "say nothing if all goes well")
	flags.DurationVar(&r.retry, "retry", 10*time.Second, "go on trying for this `TIME` to tell the outcome while Hark is away or busy")
	return func(ctx context.Context, words []string) error {
		if len(words) == 0 {
			return usageError{msg: "which command? Write it after --, as in: hark run -- make backup"}
		}
		r.body.Title = cmp.Or(r.body.Title, plain(strings.Join(words, " ")))
		r.body.Replace = cmp.Or(r.body.Replace, "run-"+rand.Text())
		return r.execute(ctx, words)
	}
}

// execute runs the command and tells of it. Its error is the command's own
// outcome, whether anybody could be told or not.
func (r *command) execute(ctx context.Context, words []string) error {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = r.in, io.MultiWriter(r.out, r.tail), io.MultiWriter(r.err, r.tail)
	// A command that is asked to end may take its time, as without us.
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return cmd.Process.Kill() // where there are no signals
		}
		return nil
	}
	r.began = time.Now()
	err := cmd.Start()
	if err == nil {
		watching, stop := context.WithCancel(ctx)
		var told sync.WaitGroup
		told.Go(func() { r.progress(watching) })
		err = cmd.Wait()
		stop()
		told.Wait()
	}
	status := statusOf(err)
	r.report(context.WithoutCancel(ctx), status, err)
	if status == exitOK {
		return nil
	}
	return outcome(status)
}

// statusOf is the status that a shell would give.
func statusOf(err error) int {
	var ended *exec.ExitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &ended):
		if how, ok := ended.Sys().(syscall.WaitStatus); ok && how.Signaled() {
			return exitSignal + int(how.Signal())
		}
		return ended.ExitCode()
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return exitNoCommand
	}
	return exitNotRunnable
}

// progress keeps a message up to date while the command runs. That Hark is away
// is no matter: the outcome says it.
func (r *command) progress(ctx context.Context) {
	if r.every <= 0 {
		return
	}
	wait := min(runQuiet, r.every)
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = max(r.every, time.Second)
		if r.onFailure {
			continue
		}
		body := r.body
		body.Silent, body.Priority, body.Text = true, "", "Running for "+r.lasted()+r.tail.block()
		if _, err := r.post(ctx, "run", &body, rand.Text(), 0); err != nil && ctx.Err() == nil {
			wait = max(wait, 30*time.Second) // no use in asking more often
		}
	}
}

// report tells how the command ended.
func (r *command) report(ctx context.Context, status int, failed error) {
	body := r.body
	switch {
	case status == exitOK && r.onFailure:
		return
	case status == exitOK:
		body.Text = "Done in " + r.lasted()
	case status == exitNoCommand || status == exitNotRunnable:
		body.Text = fmt.Sprintf("It could not be run: %v", failed)
		fmt.Fprintf(r.err, "hark run: %v\n", failed)
	case status > exitSignal:
		body.Text = fmt.Sprintf("Ended by signal %d after %s", status-exitSignal, r.lasted())
	default:
		body.Text = fmt.Sprintf("Failed with exit status %d after %s", status, r.lasted())
	}
	if status != exitOK {
		body.Priority = cmp.Or(body.Priority, "4")
	}
	body.Text += r.tail.block()
	ctx, cancel := context.WithTimeout(ctx, r.retry+answerTime)
	defer cancel()
	if _, err := r.post(ctx, "run", &body, rand.Text(), r.retry); err != nil {
		fmt.Fprintf(r.err, "hark run: nobody was told: %v\n", err)
	}
}

// lasted is how long the command has run, for people.
func (r *command) lasted() string {
	d := time.Since(r.began)
	if d < 10*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	d = d.Round(time.Second)
	if h := int(d.Hours()); h > 0 {
		return fmt.Sprintf("%d h %d min", h, int(d.Minutes())%60)
	}
	if m := int(d.Minutes()); m > 0 {
		return fmt.Sprintf("%d min %d s", m, int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}

// lastLines keeps the end of what is written to it. It is safe for concurrent
// use.
type lastLines struct {
	mu  sync.Mutex
	buf []byte
}

func (l *lastLines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buf = append(l.buf, b...); len(l.buf) > 4*runBytes {
		l.buf = append([]byte{}, l.buf[len(l.buf)-2*runBytes:]...)
	}
	return len(b), nil
}

// block is the last lines as a part of a message, below an empty line.
func (l *lastLines) block() string {
	l.mu.Lock()
	text := string(l.buf)
	l.mu.Unlock()
	lines := strings.Split(plain(text), "\n")
	text = strings.Join(lines[max(0, len(lines)-runLines):], "\n")
	if len(text) > runBytes {
		text = strings.ToValidUTF8(text[len(text)-runBytes:], "")
	}
	if text == "" {
		return ""
	}
	return "\n\n" + text
}
