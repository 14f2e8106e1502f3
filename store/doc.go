// Package store keeps what the assistant knows (conversations, messages,
// reminders, devices, tokens) and the order in which it changed.
//
// # Order
//
// Every change of a record takes the next [Seq] inside the transaction that
// makes it, and transactions are applied one at a time, in the order in which
// they were accepted. A reader that has seen Seq n has therefore seen every
// change up to n: there are no gaps and nothing arrives late. Commit order,
// Seq order and delivery order are the same order.
//
// Message IDs made by [Tx.NewID] sort in commit order too, so the order of a
// thread is the order of its IDs.
//
// # Durability
//
// [DB.Update] returns nil only after the transaction is on disk (fsync). What
// it acknowledged survives a process that is killed at any moment. Concurrent
// callers share one fsync (group commit): a caller never waits for more than
// the group being written and its own. A transaction that fails leaves
// nothing behind and does not disturb the others in its group. If the disk
// itself fails, the whole group is reported as failed; followers are then told
// what is really on disk, be it all of the group or nothing.
//
// Text of a running reply is the one exception, and says so: a [Writer] shows
// it to followers at once and puts it on disk within a second (a checkpoint).
// A crash may cost that last second of text, never the message.
//
// # The feed
//
// The feed holds each record once, at its latest Seq; writing the record again
// moves it. Replay from any cursor yields each record at most once, replay
// from zero is a full sync, and no cursor is ever too old. Deleting a record
// leaves a tombstone in the feed.
//
// # Followers
//
// A [Follower] is a position in the feed, not a queue. It cannot overflow,
// and a slow one is told less often and in larger pieces; nobody waits for it.
// After a commit a bell without payload rings; a follower arms the bell, reads
// what it lacks, then waits. The latest changes are kept in memory as encoded
// frames that all followers share; this is a cache and can be dropped.
//
// # Concurrency
//
// A [DB] is safe for concurrent use. The function given to [DB.Update] runs on
// the writer's goroutine: it must not do I/O, wait, or call Update. A [Tx] is
// valid only inside that function. Records handed in are not kept; records
// handed out are the caller's own.
package store
