package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "hark"

// rooms is the whole architecture: which of our packages each package may
// import, and which libraries it alone may import. A room may still be empty;
// docs/ARCHITECTURE.md says what those that stand are for.
var rooms = map[string]struct {
	imports []string
	owns    []string
}{
	"main": {imports: []string{"app", "daemon"}, owns: []string{"golang.org/x/crypto/x509roots/fallback"}},
	"app":  {owns: []string{"fyne.io/systray", "github.com/godbus/dbus/v5", "github.com/wailsapp/wails/v2"}},
	"daemon": {
		imports: []string{"daemon/agent", "daemon/certs", "daemon/push", "daemon/watch", "frontend", "scheduler", "store"},
		owns: []string{
			"github.com/BurntSushi/toml", "github.com/coder/websocket", "github.com/kardianos/service", "golang.org/x/sys", "golang.org/x/time", "gopkg.in/natefinch/lumberjack.v2", "rsc.io/qr",
		},
	},
	"daemon/agent": {imports: []string{"store"}, owns: []string{"github.com/modelcontextprotocol/go-sdk", "golang.org/x/net"}},
	// Certificates: a protocol (ACME) and a failure life (renewal) of their own.
	"daemon/certs": {owns: []string{"github.com/caddyserver/certmagic", "github.com/libdns/libdns", "github.com/mholt/acmez/v3", "github.com/miekg/dns", "go.uber.org/zap"}},
	"daemon/push":  {imports: []string{"store"}, owns: []string{"github.com/SherClockHolmes/webpush-go"}},
	// Mailboxes and feeds: polled or idle connections that fail on their own.
	"daemon/watch": {imports: []string{"store"}, owns: []string{"github.com/emersion/go-imap/v2"}},
	"scheduler": {
		imports: []string{"store"},
		owns:    []string{"github.com/arran4/golang-ical", "github.com/robfig/cron/v3", "github.com/teambition/rrule-go"},
	},
	"store":    {owns: []string{"github.com/dgraph-io/badger/v4", "github.com/klauspost/compress"}},
	"frontend": {},
	// Test doubles, not rooms: what browsers talk to when they are pushed and clicked, and drivers for
	// the browsers. They are packages, because tests of several rooms share them, and they stand here
	// with no arrow towards them: tests may import them, and nothing that is shipped can.
	"e2e/chromium":   {},
	"e2e/desktop":    {owns: []string{"github.com/godbus/dbus/v5"}},
	"e2e/dovecot":    {},
	"e2e/marionette": {},
	"e2e/pushsvc":    {owns: []string{"github.com/coder/websocket", "google.golang.org/protobuf"}},
}

// Each package stays in its room: it has a doc, imports only what its row in
// rooms allows, and no library is used outside the room that owns it.
func TestRooms(t *testing.T) {
	for _, p := range packages(t) {
		name, nested := strings.CutPrefix(p.ImportPath, module+"/")
		if !nested {
			name = "main"
		}
		room, ok := rooms[name]
		if !ok {
			t.Errorf("package %s is not a room: a new one opens only for a domain with its own protocol, its own library and its own failure life; argue for it in rooms and docs/ARCHITECTURE.md", name)
			continue
		}
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("package %s has no doc comment: say what callers may rely on (order, durability, concurrency, errors)", name)
		}
		for _, imp := range p.Imports {
			if ours, ok := strings.CutPrefix(imp, module+"/"); ok {
				if !slices.Contains(room.imports, ours) {
					t.Errorf("%s must not import %s: the rooms are a DAG and this arrow is not in it; pass a value or a func down from the room that may see both", name, ours)
				}
				continue
			}
			if !strings.Contains(strings.Split(imp, "/")[0], ".") {
				continue // the standard library belongs to everyone
			}
			if owns(room.owns, imp) {
				continue // a test double may have its own half of a protocol
			}
			if owner := ownerOf(imp); owner == "" {
				t.Errorf("%s imports %s, which no room owns: a library is wrapped by one room, so that it can be replaced in one place; name its owner in rooms, and the reason in docs/decisions", name, imp)
			} else {
				t.Errorf("%s must not import %s, which belongs to %s: ask that room for what you need in its own words", name, imp, owner)
			}
		}
	}
}

// The build for servers has nothing of a window in it, and needs no GTK.
func TestHeadless(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, lib := range []string{"github.com/wailsapp/", "fyne.io/"} {
		if strings.Contains(string(out), lib) {
			t.Errorf("the build without tags imports %s", lib)
		}
	}
}

func ownerOf(imp string) string {
	for name, room := range rooms {
		if owns(room.owns, imp) {
			return name
		}
	}
	return ""
}

func owns(libs []string, imp string) bool {
	return slices.ContainsFunc(libs, func(lib string) bool { return imp == lib || strings.HasPrefix(imp, lib+"/") })
}

type goPackage struct {
	ImportPath, Doc  string
	Imports, GoFiles []string
}

// packages lists every package with what it imports in the headless and in the
// desktop build. Tests are left out: they may use any library they like.
func packages(t *testing.T) map[string]goPackage {
	t.Helper()
	all := map[string]goPackage{}
	for _, tags := range []string{"", "desktop"} {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-tags="+tags,
			"-json=ImportPath,Doc,Imports,GoFiles", "./...")
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatal("go list:", err)
		}
		for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
			var p goPackage
			if err := dec.Decode(&p); err != nil {
				t.Fatal(err)
			}
			p.Imports = append(p.Imports, all[p.ImportPath].Imports...)
			slices.Sort(p.Imports)
			p.Imports = slices.Compact(p.Imports)
			all[p.ImportPath] = p
		}
	}
	return all
}

// badgerTraps are calls that look right and lose data or stop the daemon.
var badgerTraps = map[string]string{
	"Subscribe":          "a slow subscriber blocks every write after about a thousand commits; follow the feed instead",
	"GetSequence":        "it leases numbers outside the transaction, so a crash leaves gaps and commit order is not number order; the writer assigns Seq",
	"DropPrefix":         "on a live database it has lost acknowledged writes; delete in transactions",
	"WithValueThreshold": "values must stay in the LSM tree: a value log lost after a crash reads as empty values without an error",
}

// The calls that a review would refuse every time are refused here, each with
// its reason.
func TestForbiddenCalls(t *testing.T) {
	files := token.NewFileSet()
	for _, name := range sources(t, ".go") {
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		s := source{name: name, file: file}
		for _, decl := range file.Decls {
			for _, f := range s.faults(decl) {
				t.Errorf("%s: %s", files.Position(f.pos), f.why)
			}
		}
	}
}

type source struct {
	name string
	file *ast.File
}

type fault struct {
	pos token.Pos
	why string
}

func (s source) imports(lib string) bool {
	return slices.ContainsFunc(s.file.Imports, func(i *ast.ImportSpec) bool {
		return strings.Trim(i.Path.Value, `"`) == lib
	})
}

func (s source) faults(decl ast.Decl) (found []fault) {
	test := strings.HasSuffix(s.name, "_test.go")
	badger := s.imports("github.com/dgraph-io/badger/v4")
	fn, _ := decl.(*ast.FuncDecl)
	if fn != nil && fn.Recv == nil && fn.Name.Name == "init" {
		found = append(found, fault{fn.Pos(), "func init runs before main and can't fail, be tested or be left out; construct the value where it is used"})
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		what := calleeOf(call)
		_, method, _ := strings.Cut(what, ".")
		why := ""
		switch {
		case badger && badgerTraps[method] != "":
			why = "badger's " + method + ": " + badgerTraps[method]
		case what == "panic" && !test:
			why = "panic ends the daemon and every running reply with it; return an error"
		case what == "time.Sleep" && !test:
			why = "time.Sleep can't be cancelled, so shutdown waits for it; select on a timer and the context"
		case what == "time.Sleep" && !s.inFakeTime(fn):
			why = "a sleeping test is slow on one machine and flaky on the next; run it in testing/synctest or wait on a channel"
		case (what == "context.Background" || what == "context.TODO") && !test && s.file.Name.Name != "main":
			why = what + " outlives shutdown; take the caller's context (context.WithoutCancel where work must finish)"
		}
		if why != "" {
			found = append(found, fault{call.Pos(), why})
		}
		return true
	})
	return found
}

// calleeOf is "name" or "x.Name" for a plain call, and ".Name" where the
// receiver is itself an expression.
func calleeOf(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
		return "." + f.Sel.Name
	}
	return ""
}

// inFakeTime reports whether fn opens a synctest bubble, or is a helper in a
// file whose tests do.
func (s source) inFakeTime(fn *ast.FuncDecl) bool {
	if fn == nil || !s.imports("testing/synctest") {
		return false
	}
	name, bubble := fn.Name.Name, false
	if !strings.HasPrefix(name, "Test") && !strings.HasPrefix(name, "Benchmark") && !strings.HasPrefix(name, "Fuzz") {
		return true
	}
	ast.Inspect(fn, func(n ast.Node) bool {
		if x, ok := n.(*ast.Ident); ok && x.Name == "synctest" {
			bubble = true
		}
		return !bubble
	})
	return bubble
}

// maxLines keeps each file one concept that can be read in a sitting.
const maxLines = 400

// No source file is longer than can be read in one sitting.
func TestFileLength(t *testing.T) {
	for _, name := range sources(t, ".go", ".ts", ".js", ".mjs", ".svelte", ".css") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(text, []byte("\n")); lines > maxLines {
			t.Errorf("%s has %d lines, more than %d: it holds more than one concept; give the second one its own file", name, lines, maxLines)
		}
	}
}

// sources lists our own files with one of the endings, slash-separated.
func sources(t *testing.T, endings ...string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // a build beside us took it away
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case d.IsDir() && slices.Contains([]string{"node_modules", "dist", ".git", "bin", "artefacts"}, d.Name()):
			return fs.SkipDir
		case !d.IsDir() && slices.Contains(endings, path.Ext(name)):
			names = append(names, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
