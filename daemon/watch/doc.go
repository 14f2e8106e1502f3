// Package watch looks at feeds and mailboxes that the owner has named, and tells
// of what is new in them.
//
// # Once
//
// Each entry is told once, whatever happens to this process: that it was told is
// written in the transaction that delivers it ([Config.Deliver]). What is there at
// the first look is not news; it is only remembered. An entry is known by what
// its publisher calls it (an Atom id, an RSS guid, a Message-ID), else by its
// address, else by its text. It is forgotten 400 days after it was last there.
//
// # Order
//
// The entries of one look come oldest first. Nothing is promised between sources.
//
// # Errors
//
// A source fails by itself and is looked at again, less and less often, up to
// every six hours. How the last look went, in words for the owner and with a cure,
// is its [store.Look].
//
// # Concurrency
//
// A [Watcher] is safe for concurrent use. Each source has one goroutine; all have
// ended when [Watcher.Run] returns.
package watch
