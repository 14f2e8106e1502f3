package scheduler

import (
	"fmt"
	"strconv"
)

func englishSpeech() *speech {
	plain := func(one string) unit { return unit{one, one + "s", one + "s", "Every " + one, "Every"} }
	return &speech{
		days:        [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		shortDays:   [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
		months:      [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		shortMonths: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		date:        "%s %d %s", fullDate: "%d %s",
		units: map[string]unit{
			"ahead":  {one: "in %d %s"},
			"second": plain("second"), "minute": plain("minute"), "hour": plain("hour"), "day": plain("day"),
			"week": plain("week"), "month": plain("month"), "year": plain("year"), "time": plain("time"),
		},
		at: " at ", and: " and ", on: " on ", between: " between ", upTo: " and ",
		never: "Never", once: "Once", goneBy: ", gone by", noMore: ", no more", next: ", next ",
		workdays: "Weekdays", weekend: "Weekends", onWorkdays: " on weekdays",
		everyDays: "Every %s", ofMonth: "On the %s of every month", yearly: "%s on %s", perHour: "Every hour at :%02d",
		nthDay: "On the %s", nthWeekday: "On the %s %s", lastDay: "On the last day", inAll: ", %s in all",
		until: ", until %s", ofTheMonth: " of the month", cron: "By the cron line ", rule: "By the rule ",
		nth: [6]string{"last", "first", "second", "third", "fourth", "fifth"}, ordinal: ordinal,
	}
}

func germanSpeech() *speech {
	return &speech{
		days:        [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		shortDays:   [7]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"},
		months:      [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		shortMonths: [12]string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sep.", "Okt.", "Nov.", "Dez."},
		date:        "%s %d. %s", fullDate: "%d. %s",
		units: map[string]unit{
			"ahead":  {one: "in %d %s"},
			"second": {"Sekunde", "Sekunden", "Sekunden", "Jede Sekunde", "Alle"},
			"minute": {"Minute", "Minuten", "Minuten", "Jede Minute", "Alle"},
			"hour":   {"Stunde", "Stunden", "Stunden", "Jede Stunde", "Alle"},
			"day":    {"Tag", "Tage", "Tagen", "Jeden Tag", "Alle"},
			"week":   {"Woche", "Wochen", "Wochen", "Jede Woche", "Alle"},
			"month":  {"Monat", "Monate", "Monaten", "Jeden Monat", "Alle"},
			"year":   {"Jahr", "Jahre", "Jahren", "Jedes Jahr", "Alle"},
			"time":   {"Mal", "Mal", "Mal", "Jedes Mal", "Alle"},
		},
		at: " um ", and: " und ", on: " am ", between: " zwischen ", upTo: " und ",
		never: "Nie", once: "Einmal", goneBy: ", schon vorbei", noMore: ", kommt nicht mehr", next: ", nächstes Mal ",
		workdays: "An Werktagen", weekend: "Am Wochenende", onWorkdays: " an Werktagen",
		everyDays: "Jeden %s", ofMonth: "Am %s jedes Monats", yearly: "%s am %s", perHour: "Jede Stunde um :%02d",
		nthDay: "Am %s", nthWeekday: "Am %s %s", lastDay: "Am letzten Tag", inAll: ", insgesamt %s",
		until: ", bis %s", ofTheMonth: " des Monats", cron: "Nach der Cron-Zeile ", rule: "Nach der Regel ",
		nth:     [6]string{"letzten", "ersten", "zweiten", "dritten", "vierten", "fünften"},
		ordinal: func(n int) string { return fmt.Sprintf("%d.", n) },
	}
}

func spanishSpeech() *speech {
	return &speech{
		days:        [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		shortDays:   [7]string{"dom", "lun", "mar", "mié", "jue", "vie", "sáb"},
		months:      [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		shortMonths: [12]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"},
		date:        "%s %d %s", fullDate: "%d de %s",
		units: map[string]unit{
			"ahead":  {one: "en %d %s"},
			"second": {"segundo", "segundos", "segundos", "Cada segundo", "Cada"},
			"minute": {"minuto", "minutos", "minutos", "Cada minuto", "Cada"},
			"hour":   {"hora", "horas", "horas", "Cada hora", "Cada"},
			"day":    {"día", "días", "días", "Todos los días", "Cada"},
			"week":   {"semana", "semanas", "semanas", "Cada semana", "Cada"},
			"month":  {"mes", "meses", "meses", "Cada mes", "Cada"},
			"year":   {"año", "años", "años", "Cada año", "Cada"},
			"time":   {"vez", "veces", "veces", "Cada vez", "Cada"},
		},
		at: " a las ", and: " y ", on: " los ", between: " entre las ", upTo: " y las ",
		never: "Nunca", once: "Una vez", goneBy: ", ya ha pasado", noMore: ", no vuelve", next: ", próxima vez ",
		workdays: "De lunes a viernes", weekend: "Los fines de semana", onWorkdays: " de lunes a viernes",
		everyDays: "Cada %s", ofMonth: "El %s de cada mes", yearly: "%s el %s", perHour: "Cada hora en el minuto %02d",
		nthDay: "El %s", nthWeekday: "El %s %s", lastDay: "El último día", inAll: ", %s en total",
		until: ", hasta el %s", ofTheMonth: " del mes", cron: "Según la línea cron ", rule: "Según la regla ",
		nth:     [6]string{"último", "primer", "segundo", "tercer", "cuarto", "quinto"},
		ordinal: func(n int) string { return "día " + strconv.Itoa(n) },
	}
}
