package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"hark/daemon"
)

// isHere reports whether the Hark that is meant is the one of this machine,
// whose data folder can be opened if it does not run.
func (c *cli) isHere() bool {
	return c.url == "" && (c.data != "" || c.getenv("HARK_URL") == "")
}

// stopped is the configuration of this machine's Hark, which does not run. After
// an error it is the usual one, with the data folder.
func (c *cli) stopped() (daemon.Config, error) {
	dir := c.dataFolder()
	if c.data == "" && c.getenv("HARK_DATA") == "" {
		dir = daemon.StoppedFolder(dir)
	}
	cfg, err := daemon.ParseConfig([]string{"--data", dir}, c.getenv)
	if err != nil {
		cfg = daemon.DefaultConfig(c.getenv)
		cfg.Data = dir
	}
	cfg.LogLevel = "warn" // what matters is the answer
	cfg.Log, cfg.CheckStore = cfg.NewLogger(c.err), checkInChild
	return cfg, err
}

// backupStopped makes the backup without a Hark that runs, and copies it to
// file, unless that is empty.
func (c *cli) backupStopped(ctx context.Context, file string) error {
	cfg, err := c.stopped()
	if err != nil {
		return err
	}
	fmt.Fprintf(c.err, "Hark is not running: the backup is made of its data folder, %s\n", cfg.Data)
	made, err := daemon.BackUp(ctx, cfg)
	if err != nil {
		return err
	}
	b := backedUp{
		Name: made.Name, Made: made.Made.Format("2006-01-02T15:04:05.000Z07:00"), Bytes: made.Bytes,
		Cursor: made.Cursor.String(), Records: made.Records,
	}
	if file != "" {
		if err := copyFile(made.Path, file); err != nil {
			return err
		}
		b.File = file
	}
	return c.sayBackup(b)
}

func copyFile(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return putFile(to, func(w io.Writer) error {
		_, err := io.Copy(w, f)
		return err
	})
}

// putFile makes a new file that only its owner can read, which appears when it
// is whole.
func putFile(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".hark-*") // with mode 0600
	if err != nil {
		return err
	}
	err = write(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(f.Name()))
	}
	return nil
}

// examineStopped is what the doctor can see of a Hark that is away.
func (c *cli) examineStopped(away *unreachable) []check {
	say, cure, _ := strings.Cut(away.msg, " Start it with: ")
	checks := []check{{Name: "hark", Say: say}}
	if cure != "" {
		checks[0].Cure = "Start it with: " + cure + ", or hark service start"
	}
	cfg, err := c.stopped()
	if err != nil {
		checks = append(checks, check{Name: "settings", Say: trimStop(err.Error()) + ".", Cure: "Correct it: Hark does not start with it. hark serve --help lists all settings."})
	}
	for _, k := range daemon.ExamineStopped(cfg) {
		checks = append(checks, check{Name: k.Name, OK: k.OK, Say: k.Say, Cure: k.Cure})
	}
	for _, name := range []string{"model", "push", "tls"} {
		checks = append(checks, check{Name: name, Say: "Not known: this needs a Hark that runs.", Unknown: true})
	}
	return checks
}
