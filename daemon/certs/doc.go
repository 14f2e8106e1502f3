// Package certs keeps Hark's HTTPS certificate: it gets one in the way that the
// owner chose, renews it, and says what is wrong when it can't.
//
// # What a caller may rely on
//
// A [Keeper] has one [Plan]: a tailnet's certificate from tailscaled, an own
// domain's by ACME (RFC 8555), one of a name-constrained authority made on this
// machine, or none because a proxy in front has it. [Keeper.Use] changes the
// plan only after a certificate was obtained; until then the earlier one is
// served. [Keeper.TLS] may be taken once and always answers with the newest.
//
// A certificate is renewed when two thirds of its life are over, while serving.
// A renewal that fails is tried again, at first after a minute, later each
// hour; it is shown in [Keeper.State] and never ends anything.
//
// Everything lies in Config.Dir, written by renaming, keys with mode 0600. The
// key of the local authority's root is never written: it signs one issuing
// authority that may only speak for names and addresses of a home network, and
// is forgotten.
//
// Errors that the owner can do something about are [*Problem]; their text may
// be shown. All methods of a Keeper are safe for concurrent use.
package certs
