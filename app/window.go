//go:build desktop

package app

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// Windowed says that this build has a window.
const Windowed = true

//go:embed icon.png
var icon []byte

func (o Options) log() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// origin is scheme, host and port, as browsers write it.
func (p Place) origin() string {
	u, err := url.Parse(p.URL)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// window is the one of this process.
type window struct {
	o      Options
	origin string // whose pages may talk to this program: that of the daemon found at start

	wails   context.Context // what the library wants to see at each call
	begun   sync.Once
	ended   context.CancelFunc
	leaving atomic.Bool // the next close is the end

	mu    sync.Mutex
	state state

	looking sync.Mutex
	looked  chan bool
}

// Run shows the window until it is closed for good, ctx is cancelled or the
// session ends. Where another process shows the same daemon already, that one
// comes to the front, and Run returns at once. It must be called on the main
// goroutine, once in the life of a process.
func Run(ctx context.Context, o Options) error {
	if !Display() {
		return ErrNoDisplay
	}
	leaveConsole()
	if err := ownName(); err != nil {
		return err
	}
	id := instance(o.ID)
	if handOver(ctx, id) {
		return nil
	}
	w := &window{o: o, looked: make(chan bool, 1), state: readState(o.State)}
	if place, err := o.Find(ctx); err == nil {
		w.origin = place.origin()
	}
	life, end := context.WithCancel(ctx)
	defer end()
	w.ended = end
	if err := wails.Run(w.options(life, id)); err != nil {
		return fmt.Errorf("the window could not be opened: %w (hark open --browser opens the browser)", err)
	}
	return nil
}

// instance is a name for the window of a daemon that the system's buses take.
func instance(id string) string {
	sum := fnv.New64a()
	sum.Write([]byte(id))
	return fmt.Sprintf("hark_%x", sum.Sum64())
}

func (w *window) options(life context.Context, id string) *options.App {
	start := options.Normal
	if w.state.Maximised {
		start = options.Maximised
	}
	var data string
	if dir, err := os.UserCacheDir(); err == nil {
		data = filepath.Join(dir, "Hark", "window")
	}
	return &options.App{
		Title: "Hark", Width: w.state.Width, Height: w.state.Height, MinWidth: leastWidth, MinHeight: leastHeight,
		WindowStartState: start, StartHidden: w.o.Hidden,
		AssetServer:            &assetserver.Options{Handler: w.door()},
		BindingsAllowedOrigins: w.origin,
		// Without it nothing that is marked can be copied with the mouse.
		EnableDefaultContextMenu: true,
		OnStartup:                func(ctx context.Context) { w.wails = ctx },
		OnDomReady:               func(context.Context) { w.begun.Do(func() { w.begin(life) }) },
		OnBeforeClose:            func(context.Context) bool { return w.close() },
		OnShutdown:               func(context.Context) { w.ended() },
		SingleInstanceLock: &options.SingleInstanceLock{
			UniqueId: id, OnSecondInstanceLaunch: func(options.SecondInstanceData) { w.show() },
		},
		// Anything but Never leaves the window blank on machines without a GPU.
		Linux:   &linux.Options{Icon: icon, ProgramName: "hark", WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
		Windows: &windows.Options{WebviewUserDataPath: data, Theme: windows.SystemDefault},
	}
}

func (w *window) door() *door {
	return &door{
		find: w.o.Find, start: w.o.Start, device: w.device,
		entered: func(p Place, in login) {
			if p.origin() != w.origin {
				w.anew(p)
			}
			w.keep(func(s *state) { s.Device = in.Device })
		},
	}
}

// begin starts what goes on beside the page, when the first one is there: a
// process that only came to wake another has none.
func (w *window) begin(ctx context.Context) {
	context.AfterFunc(ctx, w.quit)
	runtime.EventsOn(w.wails, lookedEvent, func(said ...any) {
		sight, _ := append(said, false)[0].(bool)
		select {
		case w.looked <- sight:
		default:
		}
	})
	go w.watch(ctx)
	go w.runTray()
	go w.tell(ctx)
}

// close is asked when the window shall be closed, and reports whether it stays:
// out of sight, where a tray leads back to it.
func (w *window) close() (stays bool) {
	w.keepSize()
	if w.leaving.Load() || !trayed() {
		return false
	}
	runtime.WindowHide(w.wails)
	return true
}

// quit closes the window for good.
func (w *window) quit() {
	w.leaving.Store(true)
	runtime.Quit(w.wails)
}

// show brings the window to the front.
func (w *window) show() {
	runtime.WindowShow(w.wails)
	runtime.WindowUnminimise(w.wails)
}

func (w *window) device() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state.Device
}

// keep changes what is kept for the next start.
func (w *window) keep(change func(*state)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.state
	if change(&w.state); w.state == before {
		return
	}
	if err := w.state.write(w.o.State); err != nil {
		w.o.log().Warn("the window's size is not kept", "err", err)
	}
}

func (w *window) keepSize() {
	maximised := runtime.WindowIsMaximised(w.wails)
	width, height := runtime.WindowGetSize(w.wails)
	w.keep(func(s *state) {
		s.Maximised = maximised
		if !maximised && width >= leastWidth && height >= leastHeight {
			s.Width, s.Height = width, height
		}
	})
}

// anew starts this program again in its own place: for a daemon at another
// address, or because the page is dead and can't be woken.
func (w *window) anew(at Place) {
	w.o.log().Info("the window starts anew", "for", at.URL)
	if err := relaunch(); err != nil && !errors.Is(err, context.Canceled) {
		w.o.log().Error("the window could not start anew", "err", err)
		w.quit()
	}
}

const (
	// watchEvery and missed say when a page counts as dead: it has not answered
	// for half a minute.
	watchEvery = 10 * time.Second
	missed     = 3
	// lookTime is how long a page may take to say whether it is in sight.
	lookTime = 5 * time.Second
)

const lookedEvent = "hark:looked"

// lookScript has the page say whether it is in sight, by the line that only pages
// of the daemon's address and our own have to this program.
const lookScript = `(window.webkit?.messageHandlers?.external ?? window.chrome?.webview)?.postMessage('EE' + JSON.stringify({name: '` +
	lookedEvent + `', data: [document.visibilityState === 'visible' && document.hasFocus()]}))`

// look asks the page whether it is in sight. A page that is alive answers.
func (w *window) look() (sight, alive bool) {
	w.looking.Lock()
	defer w.looking.Unlock()
	select {
	case <-w.looked: // late, to an earlier question
	default:
	}
	runtime.WindowExecJS(w.wails, lookScript)
	select {
	case sight = <-w.looked:
		return sight, true
	case <-time.After(lookTime):
		return false, false
	}
}

// watch has the window start anew when its page is dead: a renderer that has
// crashed leaves its last picture, and the library does not notice.
func (w *window) watch(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for silent := 0; silent < missed; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, alive := w.look(); alive {
			silent = 0
		} else {
			silent++
		}
	}
	w.keepSize()
	w.anew(Place{URL: w.origin})
}
