// Package scheduler fires what is due, once, and reads when people say "remind me …".
//
// # Schedules
//
// A [Schedule] is one line of text, stored as it is shown. Its zone is kept beside it, never inside it:
//
//	at 2026-11-23T09:00:00                      once, at this wall time
//	at 2026-10-25T02:32:00+01:00                once, at this very instant
//	30 8 * * 1-5                                cron: minute, hour, day, month, weekday
//	every 90m from 2026-11-18T10:00:00          steps of elapsed time
//	every 90m between 09:00 and 17:00 on MON-FRI
//	DTSTART:20261120T180000 RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR
//
// # Zones and daylight saving
//
// Times are wall times of an IANA zone and stay wall times when its rules change. As RFC 5545 §3.3.5 says: a time
// that spring skips happens at the offset before the gap (02:30 becomes 03:30), a time that autumn repeats happens
// at its first pass only. Two wall times that meet at one instant fire once. What is said in hours for the whole
// day (cron with every hour, "every 90m") keeps its elapsed steps across both.
//
// # Order and exactly-once
//
// Next is strictly after its argument, so a chain of calls moves forward and cannot repeat an instant. Occurrence
// names an instant by its local wall time; two occurrences of one schedule never share a name.
//
// # Firing
//
// A [Scheduler] fires each occurrence once. Message, occurrence and next time are one transaction, and the
// occurrence's name is its key, so neither a process killed at any moment nor a clock that is set back fires one
// again. What was due while nothing ran fires late, once, or is noted as missed, by the reminder's own rule; a
// one-shot always fires. Nothing is silent and nothing comes in a burst. Quiet hours hold back what is not urgent.
//
// [Put], [Done], [Snooze] and their like are for the caller's own transaction, and [Scheduler.Kick] after it.
//
// # Calendars
//
// [Import] and [Export] speak iCalendar (RFC 5545). A file from anywhere can cost no more than its size, and can
// make nothing but reminders that say a text.
//
// # Phrases
//
// [Parse] reads English, German and Spanish by a grammar over the tables in phrases/, one file a language. It
// reads the time at the beginning or the end of the text, or refuses. It asks ([AmbiguousError], [PastError],
// [UnclearError]) and does not guess.
//
// Everything that takes a time and no transaction is pure: the same arguments give the same answer. Any number of
// goroutines may call anything here; [Scheduler.Run] is called once.
package scheduler
