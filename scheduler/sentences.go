package scheduler

import (
	"errors"
	"fmt"
	"time"
)

// phrased is what is asked or explained, in the language of the phrase that it is about. The English text is the key:
// what has no other words is said in it.
func phrased(lang, english string) string {
	var there string
	switch lang {
	case "de":
		there = german(english)
	case "es":
		there = spanish(english)
	}
	if there == "" {
		return english
	}
	return there
}

// aboutDay is a sentence with the name of a weekday in it.
func aboutDay(lang, english string, day time.Weekday) string {
	return fmt.Sprintf(phrased(lang, english), speechOf(lang).days[day])
}

// Language is the language that a phrase was written in, as far as [Parse] knows: of its time, or else of its command.
// It is empty for what is neither.
func Language(phrase string, now time.Time, zone *time.Location) string {
	p, err := Parse(phrase, now, zone)
	var ambiguous *AmbiguousError
	var past *PastError
	var unclear *UnclearError
	switch {
	case err == nil:
		return p.Lang
	case errors.As(err, &ambiguous):
		return ambiguous.Lang
	case errors.As(err, &past):
		return past.Lang
	case errors.As(err, &unclear):
		return unclear.Lang
	}
	return ""
}

func german(english string) string {
	switch english {
	case whenHint:
		return "Wann? Schreib zum Beispiel „morgen um 9“, „in 20 Minuten“ oder „jeden Werktag um 8:30“, vor oder hinter den Text."
	case "Which of the two times do you mean?":
		return "Welche der beiden Zeiten meinst du?"
	case "That never happens.":
		return "Das kommt nie vor."
	case "That is too far away.", "That is too far apart.":
		return "Das ist zu weit weg."
	case "Once a minute is the fastest a reminder can repeat.":
		return "Öfter als einmal in der Minute kann eine Erinnerung nicht kommen."
	case "Repeat in whole minutes, and at least once a year.":
		return "Wiederhole in ganzen Minuten und mindestens einmal im Jahr."
	case "The time between them is empty.":
		return "Dazwischen liegt keine Zeit."
	case "The step is longer than a day.":
		return "Der Schritt ist länger als ein Tag."
	case "Morning or afternoon?":
		return "Morgens oder nachmittags?"
	case "What time today?":
		return "Wann heute?"
	case "What time today? Write for example \"today at 23:30\".":
		return "Wann heute? Schreib zum Beispiel „heute um 23:30“."
	case "Midnight at the beginning or at the end of that day?":
		return "Mitternacht am Anfang oder am Ende dieses Tages?"
	case "Which %s?":
		return "Welcher %s?"
	case "Today or in a week?":
		return "Heute oder in einer Woche?"
	case "Which weekend?":
		return "Welches Wochenende?"
	case "There is no such day in the coming months.":
		return "Diesen Tag gibt es in den nächsten Monaten nicht."
	case noSuchDate:
		return "Dieses Datum gibt es nicht."
	case "That date is not a %s.":
		return "Dieses Datum ist kein %s."
	case "Day first or month first?":
		return "Zuerst der Tag oder zuerst der Monat?"
	case "Which is the month? Write it as a word, for example \"every year on 3 May\".":
		return "Was davon ist der Monat? Schreib ihn als Wort, zum Beispiel „jedes Jahr am 3. Mai“."
	case "These times differ in their minutes: make a reminder for each.":
		return "Diese Zeiten haben verschiedene Minuten: Mach für jede eine eigene Erinnerung."
	case "That was %s, which has gone by. Which time do you mean?":
		return "Das war %s und ist schon vorbei. Welche Zeit meinst du?"
	case " – or: ":
		return " – oder: "
	}
	return ""
}

func spanish(english string) string {
	switch english {
	case whenHint:
		return "¿Cuándo? Escribe por ejemplo «mañana a las 9», «en 20 minutos» o «todos los días a las 8:30», antes o después del texto."
	case "Which of the two times do you mean?":
		return "¿Cuál de las dos horas quieres decir?"
	case "That never happens.":
		return "Eso no ocurre nunca."
	case "That is too far away.", "That is too far apart.":
		return "Eso queda demasiado lejos."
	case "Once a minute is the fastest a reminder can repeat.":
		return "Un recordatorio no puede repetirse más de una vez por minuto."
	case "Repeat in whole minutes, and at least once a year.":
		return "Repite en minutos enteros, y al menos una vez al año."
	case "The time between them is empty.":
		return "No hay tiempo entre las dos horas."
	case "The step is longer than a day.":
		return "El paso dura más de un día."
	case "Morning or afternoon?":
		return "¿Por la mañana o por la tarde?"
	case "What time today?":
		return "¿A qué hora hoy?"
	case "What time today? Write for example \"today at 23:30\".":
		return "¿A qué hora hoy? Escribe por ejemplo «hoy a las 23:30»."
	case "Midnight at the beginning or at the end of that day?":
		return "¿Medianoche al comienzo o al final de ese día?"
	case "Which %s?":
		return "¿Qué %s?"
	case "Today or in a week?":
		return "¿Hoy o dentro de una semana?"
	case "Which weekend?":
		return "¿Qué fin de semana?"
	case "There is no such day in the coming months.":
		return "No hay tal día en los próximos meses."
	case noSuchDate:
		return "Esa fecha no existe."
	case "That date is not a %s.":
		return "Esa fecha no es %s."
	case "Day first or month first?":
		return "¿Primero el día o primero el mes?"
	case "Which is the month? Write it as a word, for example \"every year on 3 May\".":
		return "¿Cuál es el mes? Escríbelo como palabra, por ejemplo «cada año el 3 de mayo»."
	case "These times differ in their minutes: make a reminder for each.":
		return "Esas horas tienen minutos distintos: haz un recordatorio para cada una."
	case "That was %s, which has gone by. Which time do you mean?":
		return "Eso era %s y ya ha pasado. ¿Qué hora quieres decir?"
	case " – or: ":
		return " – o: "
	}
	return ""
}
