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
// # Phrases
//
// [Parse] reads English, German and Spanish by a grammar over the tables in phrases/, one file a language. It
// reads the time at the beginning or the end of the text, or refuses. It asks ([AmbiguousError], [PastError],
// [UnclearError]) and does not guess.
//
// Everything in this package that takes a time is pure: the same arguments give the same answer, and any number of
// goroutines may call it.
package scheduler
