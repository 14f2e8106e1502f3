// Package agent carries one reply from pending to done or error.
//
// # Turns
//
// A turn is an assistant's message that is pending or streaming in the store.
// [Agent] runs turns under the context that it was made with, never under a
// request's. In one conversation they run in order, one at a time; different
// conversations run side by side. Every turn ends: in done, in error with its
// text kept, or by its deadline. A turn that is stuck never blocks the next
// one for longer than that.
//
// # After a crash
//
// [Agent.Start] settles what a dead process left: turns that had not begun are
// run, turns that were being written end in error with code "interrupted" and
// keep their text. It costs as much as there are open turns.
//
// # Models
//
// A [Provider] streams one answer. [OpenAI] speaks the chat completions wire
// and is held to a table of recorded faults: an answer that was cut off is
// never taken for whole. [Builtin] answers without a model, a key, or a
// network. Errors are [*Error]: a stable code, and a sentence that tells the
// owner what to do. Keys are in no error and no log.
//
// # Concurrency
//
// All methods of [Agent] and of the providers may be called from any
// goroutine.
package agent
