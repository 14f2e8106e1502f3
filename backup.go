package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"time"

	"hark/daemon"
)

// backupTime is how long a large store may take to be copied, loaded and read.
const backupTime = time.Hour

// checkVerb is no verb for people: the server starts itself with it to read a
// store that may be damaged.
const checkVerb = "check-store"

// checkInChild has a store read by a process of its own.
func checkInChild(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	return daemon.CheckStoreBy(func(dir string) *exec.Cmd {
		cmd := exec.CommandContext(context.Background(), self, checkVerb, dir)
		cmd.Args[0] = os.Args[0] // the name may decide what the program is
		return cmd
	})(dir)
}

// backedUp is what the server tells of a backup.
type backedUp struct {
	Name    string `json:"name"`
	File    string `json:"file,omitempty"` // where a copy was put
	Made    string `json:"made"`
	Bytes   int64  `json:"bytes"`
	Cursor  string `json:"cursor"`
	Records uint64 `json:"records"`
}

func backupVerb() verb {
	return verb{
		name: "backup", args: "[FILE]",
		short: "make a backup now, and copy it to FILE",
		intro: `  hark backup
  hark backup /mnt/usb/hark.backup

Hark copies its store while it runs, loads the copy, and reads all of it before
it counts as a backup. It does so by itself each night. If Hark does not run, the
backup is made of its data folder as it lies there. A backup holds secrets:
whoever has it can read everything. Settings in hark.toml are not in it.
`,
		setup: func(c *cli, _ *flag.FlagSet) action { return c.backup },
	}
}

func (c *cli) backup(ctx context.Context, words []string) error {
	if len(words) > 1 {
		return usageError{msg: "it takes one file"}
	}
	if len(words) == 1 {
		if _, err := os.Stat(words[0]); err == nil {
			return fmt.Errorf("%s exists already: choose another name", words[0])
		}
	}
	file := ""
	if len(words) == 1 {
		file = words[0]
	}
	b, err := c.backupRunning(ctx, file)
	if away := (*unreachable)(nil); errors.As(err, &away) && c.isHere() {
		return c.backupStopped(ctx, file)
	}
	if err != nil {
		return err
	}
	return c.sayBackup(b)
}

// backupRunning has the Hark that runs make the backup.
func (c *cli) backupRunning(ctx context.Context, file string) (b backedUp, err error) {
	h, err := c.connect()
	if err != nil {
		return b, err
	}
	h.patience = backupTime
	if err := h.call(ctx, http.MethodPost, "/api/backups", nil, &b); err != nil || file == "" {
		return b, err
	}
	b.File = file
	return b, h.fetch(ctx, "/api/backups/"+url.PathEscape(b.Name), file)
}

func (c *cli) sayBackup(b backedUp) error {
	if c.json {
		return c.printJSON(b)
	}
	_, err := fmt.Fprintf(c.out, "%s: %d records, %.1f MB, verified\n", cmp.Or(b.File, b.Name), b.Records, float64(b.Bytes)/1e6)
	return err
}

// fetch puts what is at path into a new file, which appears when it is whole.
func (h *client) fetch(ctx context.Context, path, file string) error {
	ctx, cancel := context.WithTimeout(ctx, backupTime)
	defer cancel()
	req, err := h.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	resp, err := h.do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return putFile(file, func(w io.Writer) error {
		n, err := io.Copy(w, resp.Body)
		if err == nil && resp.ContentLength >= 0 && n != resp.ContentLength {
			err = io.ErrUnexpectedEOF
		}
		return err
	})
}

func restoreVerb() verb {
	return verb{
		name: "restore", args: "FILE",
		short: "put a backup in the place of what Hark has now",
		intro: `  hark service stop
  hark restore ~/.local/share/hark/backups/hark-20261122T030000Z.hark
  hark service start

The backup is loaded and read before anything is changed, and what was there is
kept beside it under a dated name. Hark must not be running. Phones and browsers
notice by themselves. What was being written when the backup was made ends as
interrupted; reminders that came due since may come again.
`,
		setup: func(c *cli, _ *flag.FlagSet) action { return c.restore },
	}
}

func (c *cli) restore(_ context.Context, words []string) error {
	if len(words) != 1 {
		return usageError{msg: "it takes one file: a backup"}
	}
	if c.url != "" {
		return usageError{msg: "a backup is restored on the machine that Hark runs on"}
	}
	cfg, _ := c.stopped() // faulty settings keep nobody from the data
	b, aside, err := daemon.RestoreBackup(cfg, words[0])
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(map[string]any{"made": b.Made, "records": b.Rows, "cursor": b.Cursor, "data": cfg.Data, "kept": aside})
	}
	fmt.Fprintf(c.out, "restored %d records of %s into %s\n", b.Rows, b.Made.Format(time.RFC3339), cfg.Data)
	if aside != "" {
		fmt.Fprintf(c.out, "what was there is kept in %s\n", aside)
	}
	_, err = fmt.Fprintln(c.out, "start Hark: hark serve, or hark service start")
	return err
}
