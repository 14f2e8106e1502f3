package store

import "errors"

// Errors that callers may test for with [errors.Is].
var (
	// ErrNotFound: no record with that id, or it was deleted.
	ErrNotFound = errors.New("not found")
	// ErrTooBig: one record or one transaction is larger than the store takes
	// (about 1 MB). Nothing was written.
	ErrTooBig = errors.New("too big for one change")
	// ErrKeyReused: an idempotency key came again with a different body.
	ErrKeyReused = errors.New("idempotency key was used with a different body")
	// ErrClosed: the store is closed or closing. Nothing was written.
	ErrClosed = errors.New("store is closed")
	// ErrSettled: the message has already ended and takes no more text.
	ErrSettled = errors.New("message has already ended")
	// ErrInUse: another process has the store open.
	ErrInUse = errors.New("another process is using the store")
	// ErrCorrupt: a stored record does not match its checksum.
	ErrCorrupt = errors.New("stored record is damaged")
)
