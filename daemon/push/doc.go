// Package push sends notifications to the owner's devices by Web Push (RFC
// 8030, 8188, 8291 and 8292): it empties the store's outbox.
//
// # What is sent
//
// The store puts one row per device into the outbox in the transaction that
// makes a message news, so whatever is on disk as said is on disk as to be
// pushed. A row leaves the outbox only in the transaction that says what became
// of it. A process that dies between sending and that transaction sends the
// same push again; it carries the same tag, so the phone shows it in place of the
// first.
//
// # Order and limits
//
// Pushes to one device go out one at a time, in the order in which they came
// due; what is held for quiet hours lets others pass. Four go to one host
// and eight in all at the same time. More than five in a minute to one device become
// one notification that counts.
//
// # Failures
//
// A push is tried until its time to live is over. Only 404, 410 and a key that
// is not the one it was made with end a subscription. A refusal (401, 403)
// keeps it, is tried once an hour, and is shown as the device's state.
//
// # Addresses
//
// An endpoint is named by whoever pairs a device. It must be https on port 443,
// every address that its name has must be public, no redirect is followed and no
// proxy is asked. Config.Allow admits others by name.
//
// # Concurrency
//
// A [Sender] is safe for concurrent use. Run is called once.
package push
