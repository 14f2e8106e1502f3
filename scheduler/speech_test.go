package scheduler

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hark/store"
)

// A schedule describes itself in German and Spanish as people there say it, and in English where there are no words.
func TestSayInOtherLanguages(t *testing.T) {
	now, zone := phraseNow(t)
	for text, want := range map[string][2]string{
		"at 2026-11-19T09:00:00": {
			"Do 19. Nov. 2026 um 09:00 (Europe/Berlin), in 23 Stunden", "jue 19 nov 2026 a las 09:00 (Europe/Berlin), en 23 horas",
		},
		"30 8 * * 1-5": {
			"An Werktagen um 08:30 (Europe/Berlin), nächstes Mal Do 19. Nov. 08:30, in 23 Stunden",
			"De lunes a viernes a las 08:30 (Europe/Berlin), próxima vez jue 19 nov 08:30, en 23 horas",
		},
		"0 18 * * 1,4": {
			"Jeden Montag und Donnerstag um 18:00 (Europe/Berlin), nächstes Mal Do 19. Nov. 18:00, in 32 Stunden",
			"Cada lunes y jueves a las 18:00 (Europe/Berlin), próxima vez jue 19 nov 18:00, en 32 horas",
		},
		"0 9 22 * *": {
			"Am 22. jedes Monats um 09:00 (Europe/Berlin), nächstes Mal So 22. Nov. 09:00, in 4 Tagen",
			"El día 22 de cada mes a las 09:00 (Europe/Berlin), próxima vez dom 22 nov 09:00, en 4 días",
		},
		"0 9 24 12 *": {
			"Jedes Jahr am 24. Dezember um 09:00 (Europe/Berlin), nächstes Mal Do 24. Dez. 09:00, in 36 Tagen",
			"Cada año el 24 de diciembre a las 09:00 (Europe/Berlin), próxima vez jue 24 dic 09:00, en 36 días",
		},
		"every 90m between 9 and 17 on mon-fri": {
			"Alle 90 Minuten zwischen 09:00 und 17:00 an Werktagen (Europe/Berlin), nächstes Mal Mi 18. Nov. 10:30, in 30 Minuten",
			"Cada 90 minutos entre las 09:00 y las 17:00 de lunes a viernes (Europe/Berlin), próxima vez mié 18 nov 10:30, en 30 minutos",
		},
		"DTSTART:20261130T200000 RRULE:FREQ=MONTHLY;BYMONTHDAY=-1": {
			"Am letzten Tag des Monats um 20:00 (Europe/Berlin), nächstes Mal Mo 30. Nov. 20:00, in 12 Tagen",
			"El último día del mes a las 20:00 (Europe/Berlin), próxima vez lun 30 nov 20:00, en 12 días",
		},
		"DTSTART:20261207T090000 RRULE:FREQ=MONTHLY;BYDAY=+1MO": {
			"Am ersten Montag des Monats um 09:00 (Europe/Berlin), nächstes Mal Mo 7. Dez. 09:00, in 19 Tagen",
			"El primer lunes del mes a las 09:00 (Europe/Berlin), próxima vez lun 7 dic 09:00, en 19 días",
		},
		"DTSTART:20261118T180000 RRULE:FREQ=DAILY;INTERVAL=3;UNTIL=20270101": {
			"Alle 3 Tage um 18:00, bis Fr 1. Jan. 2027 (Europe/Berlin), nächstes Mal Mi 18. Nov. 18:00, in 8 Stunden",
			"Cada 3 días a las 18:00, hasta el vie 1 ene 2027 (Europe/Berlin), próxima vez mié 18 nov 18:00, en 8 horas",
		},
	} {
		s, err := ParseSchedule(text)
		if err != nil {
			t.Fatal(text, err)
		}
		for i, lang := range []string{"de-AT", "es"} {
			if got := Say(s, zone, now, lang); got != want[i] {
				t.Errorf("%s\n\tsays %s\n\twant %s", text, got, want[i])
			}
		}
		if got := Say(s, zone, now, "fr"); got != Say(s, zone, now, "") {
			t.Errorf("in French: %s", got)
		}
	}
}

// What was understood is told in the language of the phrase, and so are questions and what was not understood.
func TestEchoSpeaksThePhrasesLanguage(t *testing.T) {
	now, zone := phraseNow(t)
	for phrase, want := range map[string]string{
		"remind me tomorrow at 9 to call Ana":       "“call Ana”: Thu 19 Nov 2026 at 09:00 (Europe/Berlin), in 23 hours",
		"erinnere mich morgen um 9 an den Zahnarzt": "„den Zahnarzt“: Do 19. Nov. 2026 um 09:00 (Europe/Berlin), in 23 Stunden",
		"recuérdame mañana a las 9 llamar a Ana":    "«llamar a Ana»: jue 19 nov 2026 a las 09:00 (Europe/Berlin), en 23 horas",
	} {
		p, err := Parse(phrase, now, zone)
		if err != nil || p.Say != want {
			t.Errorf("%s\n\tsays %s, %v\n\twant %s", phrase, p.Say, err, want)
		}
		if got := Language(phrase, now, zone); got != p.Lang {
			t.Errorf("Language(%q) = %q", phrase, got)
		}
	}
	for phrase, want := range map[string]string{
		"erinnere mich an die Milch":                     "Wann?",
		"recuérdame comprar leche":                       "¿Cuándo?",
		"remind me to buy milk":                          "When?",
		"milk":                                           "When?",
		"erinnere mich heute um 9 an die Milch":          "Das war Mi 18. Nov. 2026 um 09:00 und ist schon vorbei.",
		"erinnere mich am 30. Februar an den Geburtstag": "Dieses Datum gibt es nicht.",
	} {
		if _, err := Parse(phrase, now, zone); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n\tsays %v\n\twant %s", phrase, err, want)
		}
	}
	var ambiguous *AmbiguousError
	if _, err := Parse("erinnere mich am 3/4 an den Geburtstag", now, zone); errors.As(err, &ambiguous) && !strings.Contains(err.Error(), "– oder:") {
		t.Error(err)
	}
}

// Every sentence in one other language has its like in the other, with as much in it for a day or a time.
func TestSentencesAreInBothLanguages(t *testing.T) {
	for _, english := range []string{
		whenHint, noSuchDate, "Which %s?", "That date is not a %s.", "Morning or afternoon?", "What time today?",
		"That was %s, which has gone by. Which time do you mean?", "Which weekend?", "That never happens.",
	} {
		de, es := german(english), spanish(english)
		if de == "" || es == "" || strings.Count(de, "%") != strings.Count(english, "%") || strings.Count(es, "%") != strings.Count(english, "%") {
			t.Errorf("%q: %q, %q", english, de, es)
		}
	}
	if got := aboutDay("de", "Which %s?", time.Friday); got != "Welcher Freitag?" {
		t.Error(got)
	}
}

// A reminder says its rule in the language that the owner has chosen, and anew when that is another one.
func TestReminderSaysItsRuleInTheOwnersLanguage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openStore(t)
		defer db.Close()
		h := newHouse(t, db)
		defer h.stop()
		h.remind(t, "stand up", "30 8 * * 1-5")
		for language, want := range map[string]string{
			"de": "An Werktagen um 08:30 (Europe/Berlin)", "es-MX": "De lunes a viernes a las 08:30 (Europe/Berlin)", "fr": "Weekdays at 08:30 (Europe/Berlin)",
		} {
			err := db.Update(func(tx *store.Tx) error {
				set, err := tx.Settings()
				set.Language = language
				return errors.Join(err, tx.PutSettings(set))
			})
			if err != nil {
				t.Fatal(err)
			}
			h.sched.Replan()
			synctest.Wait()
			if got := h.only(t).Say; got != want {
				t.Errorf("in %s it says %q, want %q", language, got, want)
			}
		}
	})
}

// What the app, the hints and the built-in assistant give as examples is understood, text and time.
func TestExamplesAreUnderstood(t *testing.T) {
	now, zone := phraseNow(t)
	for phrase, want := range map[string][2]string{
		"Erinnere mich in 2 Minuten daran, das Brot herauszunehmen":  {"das Brot herauszunehmen", "de"},
		"Erinnere mich morgen um 9 an den Anruf beim Zahnarzt":       {"den Anruf beim Zahnarzt", "de"},
		"erinnere mich in 20 Minuten daran, das Brot herauszunehmen": {"das Brot herauszunehmen", "de"},
		"erinnere mich jeden Werktag um 8 an die Tabletten":          {"die Tabletten", "de"},
		"erinnere mich morgen um 9 daran, Ana anzurufen":             {"Ana anzurufen", "de"},
		"in 20 Minuten das Brot herausnehmen":                        {"das Brot herausnehmen", "de"},
		"jeden Werktag um 8:30 aufstehen":                            {"aufstehen", "de"},
		"am letzten Tag des Monats um 18:00 die Miete zahlen":        {"die Miete zahlen", "de"},
		"erinnere mich morgen um 9 an den Zahnarzt":                  {"den Zahnarzt", "de"},
		"heute um 23:30 schlafen":                                    {"schlafen", "de"},
		"jedes Jahr am 3. Mai gratulieren":                           {"gratulieren", "de"},
		"Recuérdame en 2 minutos sacar el pan":                       {"sacar el pan", "es"},
		"Recuérdame mañana a las 9 llamar al dentista":               {"llamar al dentista", "es"},
		"recuérdame todos los días a las 8 tomar las pastillas":      {"tomar las pastillas", "es"},
		"en 20 minutos sacar el pan":                                 {"sacar el pan", "es"},
		"todos los días a las 8:30 estirar las piernas":              {"estirar las piernas", "es"},
		"el último día del mes a las 18:00 pagar el alquiler":        {"pagar el alquiler", "es"},
		"recuérdame llamar al dentista mañana a las 9":               {"llamar al dentista", "es"},
		"hoy a las 23:30 dormir":                                     {"dormir", "es"},
		"cada año el 3 de mayo felicitar":                            {"felicitar", "es"},
	} {
		p, err := Parse(phrase, now, zone)
		if err != nil || p.Text != want[0] || p.Lang != want[1] {
			t.Errorf("%s: %q in %q, %v", phrase, p.Text, p.Lang, err)
		}
	}
	for _, until := range []string{"in 3 Stunden", "morgen Abend", "Montag um 8", "en 3 horas", "mañana por la tarde", "el lunes a las 8"} {
		if at, err := When(until, now, zone); err != nil || !at.After(now) {
			t.Errorf("%s: %v, %v", until, at, err)
		}
	}
}
