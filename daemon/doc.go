// Package daemon is the running Hark: its configuration, its HTTP surface, who
// may call it, and the wiring of store, agent and scheduler.
//
// # What a caller of the HTTP surface may rely on
//
// An answer of 2xx to a change means that it is on disk. The answer carries a
// cursor from which the stream tells everything that came after. The same
// Idempotency-Key gets the same answer for 24 hours, also across restarts.
//
// A reply belongs to the daemon, not to the request that asked for it: closing
// the page does not stop it.
//
// The stream tells each changed record at its latest state, in the order of
// commits, each once per connection, without gap or duplicate across any number
// of reconnects and restarts. Only the handler's own goroutine writes to its
// response; it holds a position in the store and no queue.
//
// Every error is application/problem+json (RFC 9457) with a stable code and a
// sentence that says what to do. An internal error's text stays in the log.
//
// # Who may call
//
// A paired browser by its cookie, a program by its bearer token, the command
// line by a token that lives as long as the process. Cookies are never taken on
// fire. Secrets are stored as hashes and never logged.
//
// # Life
//
// [New] opens the store; [Daemon.Run] serves until its context ends, then says
// bye to the streams, lets replies settle and closes the store. All methods of
// a [Daemon] are safe for concurrent use.
package daemon
