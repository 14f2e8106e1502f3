package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hark": main})
}

// The scripts in testdata/script are the manual of the command line, and true:
// each runs the program itself against a server of its own. Beside testscript's
// own commands they use:
//
//	status N COMMAND...        run COMMAND; its exit status is N
//	let NAME REGEXP            set $NAME to what the group matched in the last stdout
//	start JOB COMMAND...       run COMMAND in the background
//	until JOB REGEXP [NAME]    wait for a line of its output, and set $NAME to the group
//	end JOB [SIGNAL] N         send term, int or kill, if named; its exit status is N
//	pushservice, phone         see phone_test.go
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		UpdateScripts:      os.Getenv("UPDATE") != "",
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_DATA_HOME", "")
			env.Setenv("HARK_DATA", env.WorkDir+"/data")
			env.Setenv("HARK_ADDR", "127.0.0.1:0")
			env.Setenv("HARK_MODEL_KIND", "builtin")
			env.Setenv("HARK_URL", "")
			env.Setenv("HARK_TOKEN", "")
			env.Setenv("HARK_PUSH_ALLOW", "")
			env.Setenv("DISPLAY", "")
			env.Setenv("WAYLAND_DISPLAY", "")
			env.Setenv("TZ", "UTC")
			env.Values["phones"] = &phones{}
			env.Values["jobs"] = &jobs{env: env, running: map[string]*job{}}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": statusCmd, "let": letCmd, "start": startCmd, "until": untilCmd, "end": endCmd,
			"pushservice": pushServiceCmd, "phone": phoneCmd,
		},
	})
}

func want(ts *testscript.TestScript, neg, ok bool, usage string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", usage)
	}
}

func statusCmd(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) > 1, "status N COMMAND...")
	checkStatus(ts, ts.Exec(args[1], args[2:]...), args[0])
}

func checkStatus(ts *testscript.TestScript, err error, want string) {
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != want {
		ts.Fatalf("exit status %d, want %s", got, want)
	}
}

func letCmd(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "let NAME REGEXP")
	groups := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(groups) < 2 {
		ts.Fatalf("no group of %q in stdout", args[1])
	}
	ts.Setenv(args[0], groups[1])
}

// jobs are the background commands of one script.
type jobs struct {
	env     *testscript.Env
	running map[string]*job
}

// job is a running command and the lines it wrote so far, to both its outputs.
type job struct {
	cmd  *exec.Cmd
	mu   sync.Mutex
	text []string
	more chan struct{} // closed and replaced when text grows
	over chan struct{} // closed at the end of its output
}

func jobsOf(ts *testscript.TestScript) *jobs {
	all, ok := ts.Value("jobs").(*jobs)
	if !ok {
		ts.Fatalf("no jobs")
	}
	return all
}

func (all *jobs) named(ts *testscript.TestScript, name string) *job {
	j, ok := all.running[name]
	if !ok {
		ts.Fatalf("no job %q", name)
	}
	return j
}

func startCmd(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) > 1, "start JOB COMMAND...")
	all := jobsOf(ts)
	if all.running[args[0]] != nil {
		ts.Fatalf("job %q is running", args[0])
	}
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, kv := range all.env.Vars {
		key, _, _ := strings.Cut(kv, "=")
		cmd.Env = append(cmd.Env, key+"="+ts.Getenv(key))
	}
	j := &job{cmd: cmd, more: make(chan struct{}), over: make(chan struct{})}
	r, w, err := os.Pipe()
	ts.Check(err)
	cmd.Stdout, cmd.Stderr = w, w
	ts.Check(cmd.Start())
	ts.Check(w.Close())
	go j.read(r)
	all.running[args[0]] = j
	ts.Defer(func() {
		if all.running[args[0]] == j {
			ts.Logf("job %s, still running at the end, said:\n%s", args[0], j.said())
			ts.Check(cmd.Process.Kill())
			<-j.over
			if err := cmd.Wait(); err == nil {
				ts.Logf("job %s ended by itself", args[0])
			}
		}
	})
}

func (j *job) read(r io.ReadCloser) {
	defer r.Close()
	defer close(j.over)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		j.mu.Lock()
		j.text = append(j.text, lines.Text())
		close(j.more)
		j.more = make(chan struct{})
		j.mu.Unlock()
	}
}

func (j *job) said() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.text, "\n")
}

func untilCmd(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2 || len(args) == 3, "until JOB REGEXP [NAME]")
	j, re := jobsOf(ts).named(ts, args[0]), regexp.MustCompile("(?m)"+args[1])
	late := time.After(30 * time.Second)
	for {
		j.mu.Lock()
		more := j.more
		j.mu.Unlock()
		if groups := re.FindStringSubmatch(j.said()); groups != nil {
			if len(args) == 3 {
				ts.Setenv(args[2], groups[1])
			}
			return
		}
		select {
		case <-more:
		case <-j.over:
			if re.FindStringSubmatch(j.said()) == nil {
				ts.Fatalf("job %s ended without %q; it said:\n%s", args[0], args[1], j.said())
			}
		case <-late:
			ts.Fatalf("job %s did not say %q in time, but:\n%s", args[0], args[1], j.said())
		}
	}
}

func endCmd(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2 || len(args) == 3, "end JOB [SIGNAL] N")
	all := jobsOf(ts)
	j := all.named(ts, args[0])
	if len(args) == 3 {
		signal, ok := map[string]os.Signal{"term": syscall.SIGTERM, "int": os.Interrupt, "kill": os.Kill}[args[1]]
		want(ts, false, ok, "end JOB term|int|kill N")
		ts.Check(j.cmd.Process.Signal(signal))
	}
	select {
	case <-j.over:
	case <-time.After(30 * time.Second):
		ts.Fatalf("job %s does not end; it said:\n%s", args[0], j.said())
	}
	delete(all.running, args[0])
	err := j.cmd.Wait()
	ts.Logf("[%s]\n%s", args[0], j.said())
	checkStatus(ts, err, args[len(args)-1])
}
