package daemon

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// endpoint serves one method of one path for a caller who may call it. What it
// returns is told by [Daemon.fail]; it has then written nothing.
type endpoint func(w http.ResponseWriter, r *http.Request, who caller) error

type route struct {
	method, path string
	may          access
	serve        endpoint
}

// api is the whole HTTP surface under /api, and /mcp.
func (d *Daemon) api() []route { return slices.Concat(d.talk(), d.keep(), d.pushes(), d.trustRoutes()) }

// pushes is what notifications need.
func (d *Daemon) pushes() []route {
	return []route{
		{"GET", "/api/push", mayRead, d.getPush},
		{"PUT", "/api/push/subscription", mayRead, d.putSubscription},
		{"DELETE", "/api/push/subscription", mayRead, d.deleteSubscription},
		{"POST", "/api/push/receipt", anyone, d.pushReceipt},
		{"GET", "/api/push/doctor", isOwner, d.pushDoctor},
		{"POST", "/api/push/test", isOwner, d.testPush},
		{"GET", "/api/push/test/{id}", isOwner, d.getTest},
		{"POST", "/api/devices/{id}/test", isOwner, d.testPush},
	}
}

// talk is what a conversation needs.
func (d *Daemon) talk() []route {
	return []route{
		{"POST", "/api/assistant/chat", mayChat, d.chat},
		{"POST", "/api/assistant/fire", mayFire, d.fire},
		{"GET", "/api/assistant/fire/{id}/answer", mayFire, d.awaitAnswer},
		{"DELETE", "/api/assistant/fire/{id}", mayFire, d.withdraw},
		{"GET", "/api/assistant/stream", mayRead, d.stream},
		{"GET", "/api/assistant/events", mayRead, d.events},

		{"GET", "/api/conversations", mayRead, d.listConversations},
		{"GET", "/api/conversations/{id}", mayRead, d.getConversation},
		{"PATCH", "/api/conversations/{id}", mayChat, d.patchConversation},
		{"DELETE", "/api/conversations/{id}", mayChat, d.deleteConversation},
		{"GET", "/api/conversations/{id}/messages", mayRead, d.listMessages},
		{"POST", "/api/conversations/{id}/read", mayChat, d.markRead},
		{"GET", "/api/search", mayRead, d.search},

		{"GET", "/api/messages/{id}", mayRead, d.getMessage},
		{"DELETE", "/api/messages/{id}", mayChat, d.deleteMessage},
		{"POST", "/api/messages/{id}/answer", mayChat, d.answerMessage},
		{"POST", "/api/messages/{id}/act", mayChat, d.actMessage},
		{"POST", "/api/messages/{id}/stop", mayChat, d.stopMessage},
		{"POST", "/api/messages/{id}/retry", mayChat, d.onTurn(http.StatusAccepted, retryMessage)},
		{"POST", "/api/messages/{id}/resume", mayChat, d.onTurn(http.StatusAccepted, resumeMessage)},
		{"POST", "/api/messages/{id}/approve", isOwner, d.onTurn(http.StatusOK, approveMessage)},
		{"POST", "/api/messages/{id}/edit", mayChat, d.editMessage},
		{"GET", "/api/messages/{id}/steps/{n}", mayRead, d.getStep},
		{"GET", "/api/messages/{id}/delivery", mayRead, d.getDelivery},

		{"GET", "/api/memory", mayRead, d.listFacts},
		{"POST", "/api/memory", mayChat, d.putFact(http.StatusCreated)},
		{"PATCH", "/api/memory/{id}", mayChat, d.putFact(http.StatusOK)},
		{"DELETE", "/api/memory/{id}", mayChat, d.deleteFact},
		{"GET", "/api/tools", mayRead, d.listTools},
		{"PUT", "/api/tools/{name}", isOwner, d.putTool},
		{"GET", "/api/usage", mayRead, d.usage},
	}
}

// keep is what stays: reminders, settings, and who may come in.
func (d *Daemon) keep() []route {
	return []route{
		{"GET", "/api/reminders", mayRead, d.listReminders},
		{"POST", "/api/reminders", mayChat, d.createReminder},
		{"POST", "/api/reminders/preview", mayRead, d.previewReminder},
		{"GET", "/api/reminders/{id}", mayRead, d.getReminder},
		{"PATCH", "/api/reminders/{id}", mayChat, d.patchReminder},
		{"DELETE", "/api/reminders/{id}", mayChat, d.deleteReminder},
		{"POST", "/api/reminders/{id}/done", mayChat, d.act(d.doneReminder)},
		{"POST", "/api/reminders/{id}/skip", mayChat, d.act(d.skipReminder)},
		{"POST", "/api/reminders/{id}/pause", mayChat, d.act(d.pauseReminder)},
		{"POST", "/api/reminders/{id}/resume", mayChat, d.act(d.resumeReminder)},
		{"POST", "/api/reminders/{id}/run", mayChat, d.runReminder},
		{"POST", "/api/reminders/{id}/snooze", mayChat, d.snoozeReminder},
		{"GET", "/api/reminders/{id}/occurrences", mayRead, d.listOccurrences},
		{"GET", "/api/reminders/agenda", mayRead, d.agenda},
		{"POST", "/api/reminders/import", mayChat, d.importReminders},
		{"GET", "/api/reminders/export.ics", mayRead, d.exportReminders},
		{"POST", "/api/reminders/feed", mayRead, d.makeFeed},
		{"DELETE", "/api/reminders/feed", mayRead, d.dropFeed},
		{"GET", "/cal/{file}", anyone, d.calendar},

		{"GET", "/api/settings", mayRead, d.getSettings},
		{"PUT", "/api/settings", mayChat, d.putSettings},
		{"POST", "/api/settings/model/test", isOwner, d.testModel},

		{"POST", "/api/pair", anyone, d.pair},
		{"POST", "/api/pair/code", isOwner, d.pairCode},
		{"POST", "/api/ticket", isOwner, d.makeTicket},
		{"GET", "/login", anyone, d.login},
		{"GET", "/api/devices", isOwner, d.listDevices},
		{"GET", "/api/devices/{id}", isOwner, d.getDevice},
		{"PATCH", "/api/devices/{id}", isOwner, d.patchDevice},
		{"DELETE", "/api/devices/{id}", isOwner, d.deleteDevice},
		{"GET", "/api/phone", isOwner, d.getPhone},
		{"POST", "/api/phone/{mode}", isOwner, d.setUpPhone},
		{"GET", "/api/tokens", isOwner, d.listTokens},
		{"POST", "/api/tokens", isOwner, d.createToken},
		{"PATCH", "/api/tokens/{id}", isOwner, d.patchToken},
		{"DELETE", "/api/tokens/{id}", isOwner, d.deleteToken},
		{"POST", "/api/tokens/{id}/rotate", isOwner, d.rotateToken},
		{"GET", "/api/sources", isOwner, d.listSources},
		{"POST", "/api/sources", isOwner, d.createSource},
		{"PATCH", "/api/sources/{id}", isOwner, d.patchSource},
		{"DELETE", "/api/sources/{id}", isOwner, d.deleteSource},
		{"POST", "/api/sources/{id}/look", isOwner, d.lookAtSource},

		{"GET", "/api/status", mayRead, d.status},
		{"GET", "/api/doctor", isOwner, d.doctor},
		{"GET", "/api/export", isOwner, d.export},
		{"POST", "/api/import", isOwner, d.importRecords},
		{"GET", "/api/backups", isOwner, d.getBackups},
		{"POST", "/api/backups", isOwner, d.postBackup},
		{"GET", "/api/backups/{name}", isOwner, d.getBackup},
		{"GET", "/api/me", known, d.me},
		{"POST", "/mcp", isToken, d.serveMCP},
	}
}

// routes puts all paths into one multiplexer: the API, health, and for
// everything else the web app and what other servers' clients call.
func (d *Daemon) routes() http.Handler {
	mux := http.NewServeMux()
	paths := map[string]map[string]route{}
	for _, rt := range d.api() {
		if paths[rt.path] == nil {
			paths[rt.path] = map[string]route{}
		}
		paths[rt.path][rt.method] = rt
	}
	for path, methods := range paths {
		mux.Handle(path, d.methods(methods))
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		d.fail(w, r, fault("not_found", "There is no %.100s in this version of Hark.", r.URL.Path))
	})
	mux.Handle("/healthz", d.methods(map[string]route{"GET": {serve: d.healthz}}))
	mux.Handle("/readyz", d.methods(map[string]route{"GET": {serve: d.readyz}}))
	mux.Handle("GET /metrics", d.methods(map[string]route{"GET": {serve: d.metrics}})) // a POST is a topic's
	mux.Handle("/", d.root())
	return mux
}

// methods serves a path by method, for callers who may.
func (d *Daemon) methods(routes map[string]route) http.Handler {
	allow := strings.Join(slices.Sorted(maps.Keys(routes)), ", ")
	if _, ok := routes[http.MethodGet]; ok {
		allow = strings.Replace(allow, http.MethodGet, "GET, HEAD", 1)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		rt, ok := routes[method]
		if !ok {
			p := fault("method_not_allowed", "This path takes %s.", allow)
			p.allow = allow
			d.fail(w, r, p)
			return
		}
		if err := d.call(rt, w, r); err != nil {
			d.fail(w, r, err)
		}
	})
}

func (d *Daemon) call(rt route, w http.ResponseWriter, r *http.Request) error {
	who, err := d.authorise(w, r, rt.may)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(unwrap(w), r.Body, int64(d.cfg.Limits.Body))
	return rt.serve(w, r, who)
}

// unwrap gives MaxBytesReader the server's own writer, which it asks to close
// the connection: what is too large need not be read to its end.
func unwrap(w http.ResponseWriter) http.ResponseWriter {
	if rw, ok := w.(*response); ok {
		return rw.ResponseWriter
	}
	return w
}

// room refuses what would grow the store while the disk is nearly full.
func (d *Daemon) room() error {
	if d.full.Load() {
		return errDiskFull
	}
	return nil
}

var errDiskFull = errors.New("disk nearly full")
