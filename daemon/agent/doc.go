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
// # Tools
//
// A turn asks the model, runs the tools that it calls, and asks again, until it
// answers without a call. Each step is on disk before the next one begins: an
// answer of the model together with the calls it asks for (the intents), the
// start of a call, its result. Tools come from [Toolbox]es. A built-in tool's
// effect and result are one transaction. Tools that only read run side by side;
// a tool that may change something waits until the owner has allowed it, and
// asks again, whatever was allowed before, once the turn has read what others
// wrote. A turn that waits for the owner is set aside and holds up nobody.
//
// # After a crash
//
// [Agent.Start] goes on with what a dead process left, from the last finished
// step, at most three times, after a pause that grows with each death, and
// within the deadline of a turn; else the turn ends in error with code
// "interrupted", its text, and a Resume. A finished step is never done again. A call that had begun is repeated if its tool only reads,
// or takes the same [Call.Key] for the same call; any other one is a question
// to the owner. Start costs as much as there are open turns.
//
// # Models
//
// A [Provider] streams one answer. [OpenAI] speaks the chat completions wire,
// [Anthropic] the messages wire; both are held to a table of recorded faults:
// an answer that was cut off is never taken for whole. What a provider wants
// back with the next request travels as [Result.Raw] and [Turn.Raw]. [Builtin]
// answers without a model, a key, or a network. Errors are [*Error]: a stable
// code, and a sentence that tells the owner what to do. Keys are in no error
// and no log.
//
// # MCP
//
// [MCP] keeps the servers that its owner names and offers their tools. Servers
// are reached in the background; one that fails holds up nobody. A call that is
// given up has ended when it returns: the server's process is gone with all its
// children, and so they are when Hark is killed.
//
// # Concurrency
//
// All methods of [Agent], of [MCP] and of the providers may be called from any
// goroutine.
package agent
