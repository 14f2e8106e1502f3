package agent

import (
	"regexp"
	"sync"
)

// grammar returns the rules in the order in which they are tried. Their
// patterns see a message in one line, without a full stop at its end.
var grammar = sync.OnceValue(func() []rule {
	re := func(s string) *regexp.Regexp {
		return regexp.MustCompile(`(?i)^[¿¡]?(?:(?:please|bitte|por favor),? )?(?:` + s + `)(?:,? (?:please|bitte|por favor))?[?!]*$`)
	}
	return []rule{
		{re(`/(?:help|start)`), verbHelp, true, ""},
		{re(`/(?:reminders|list)`), verbList, true, ""},
		{re(`/(?:search|find) +(.+)`), verbSearch, true, ""},
		{re(`/cancel +(.+)`), verbCancel, true, ""},
		{re(`/remind(?: +(.+))?`), verbRemind, true, ""},
		{re(`(?:list|show)(?: me)?(?: all)?(?: of)?(?: my| the)? reminders`), verbList, true, "en"},
		{re(`(?:what|which)(?: are)?(?: my| the)? reminders(?: do i have| are there| are set)?`), verbList, true, "en"},
		{re(`(?:my |all )?reminders`), verbList, true, "en"},
		{re(`(?:cancel|delete|remove|clear) (?:all|every)(?: of)?(?: my| the)? reminders?`), verbCancelAll, true, "en"},
		{re(`(?:cancel|delete|remove|stop)(?: the| my| a| that)? reminders?`), verbList, true, "en"}, // which one?
		{re(`(?:cancel|delete|remove|stop)(?: the| my| that)? reminder(?: (?:number|no\.?|nr\.?|#|to|about|for|of))? +(.+)`), verbCancel, true, "en"},
		{re(`(?:cancel|delete|remove|stop)(?: the| my) (.+?) reminder`), verbCancel, true, "en"},
		{re(`undo|cancel (?:it|that)|forget (?:it|that)`), verbUndo, false, "en"},
		{re(`(?:it'?s |all |i'?m )?done|did it|i did(?: it)?|ok,? done`), verbDone, false, "en"},
		{re(`snooze(?: it| that)?(?: (?:for|until|till|to))?(?: +(.+))?`), verbSnooze, false, "en"},
		{re(`list|show`), verbList, false, "en"},
		{re(`(?:cancel|delete|remove) (.+)`), verbCancel, false, "en"},
		{re(`(?:search my messages|search|look|find)(?: for)? +(.+)`), verbSearch, false, "en"},
		{re(`help|\?|what can you do|who are you|what are you|how do you work|how does this work`), verbHelp, false, "en"},
		{re(`(?:hi|hello|hey|good (?:morning|afternoon|evening))(?: there)?(?:,? hark)?`), verbGreet, false, "en"},
		{re(`(?:thanks?|thank you|cheers)(?: (?:you|a lot|very much|so much))?(?:,? hark)?`), verbThanks, false, "en"},
		{re(`(?:what(?:'|’)?s|what is|tell me)(?: the)? (?:time|date|day)(?: is it)?(?: now| today)?`), verbTime, false, "en"},
		{re(`what (?:time|day|date) is it(?: now| today)?`), verbTime, false, "en"},

		{re(`(?:zeig|zeige)(?: mir)?(?: alle)?(?: meine| die)? erinnerungen`), verbList, true, "de"},
		{re(`(?:was sind|welche)(?: meine| die)? erinnerungen(?: habe ich| gibt es| sind gesetzt)?`), verbList, true, "de"},
		{re(`(?:meine |alle )?erinnerungen`), verbList, true, "de"},
		{re(`(?:lösche|lösch|entferne|storniere) alle(?: meine)? erinnerungen`), verbCancelAll, true, "de"},
		{re(`(?:lösche|lösch|entferne|storniere)(?: die| meine| eine)? erinnerung`), verbList, true, "de"},
		{re(`(?:lösche|lösch|entferne|storniere)(?: die| meine)? erinnerung(?: (?:nummer|nr\.?|#|an|für))? +(.+)`), verbCancel, true, "de"},
		{re(`rückgängig(?: machen)?|mach das rückgängig|vergiss (?:es|das)`), verbUndo, false, "de"},
		{re(`(?:ist |schon )?erledigt|gemacht|fertig|hab ich(?: schon)?(?: gemacht)?`), verbDone, false, "de"},
		{re(`verschieben?(?: (?:auf|um|bis))?(?: +(.+))?`), verbSnooze, false, "de"},
		{re(`später(?: (?:auf|um|bis) +(.+))?`), verbSnooze, false, "de"}, // else it begins many a sentence
		{re(`(?:suche?|finde)(?: nach)? +(.+)`), verbSearch, false, "de"},
		{re(`hilfe|was kannst du(?: alles)?|wer bist du|was bist du|wie funktionierst du|wie geht das`), verbHelp, false, "de"},
		{re(`(?:hallo|moin|servus|guten (?:morgen|tag|abend))(?:,? hark)?`), verbGreet, false, "de"},
		{re(`(?:danke|vielen dank)(?: dir| schön| sehr)?(?:,? hark)?`), verbThanks, false, "de"},
		{re(`wie spät ist es(?: jetzt)?|wie viel uhr ist es|welcher tag ist heute|welches datum(?: haben wir| ist)?(?: heute)?`), verbTime, false, "de"},

		{re(`(?:muestra|muéstrame|enséñame)(?: todos)?(?: mis| los)? recordatorios`), verbList, true, "es"},
		{re(`(?:qué|cuáles)(?: son)?(?: mis| los)? recordatorios(?: tengo| hay)?`), verbList, true, "es"},
		{re(`(?:mis |todos mis )?recordatorios`), verbList, true, "es"},
		{re(`(?:cancela|borra|elimina) todos(?: mis| los)? recordatorios`), verbCancelAll, true, "es"},
		{re(`(?:cancela|borra|elimina)(?: el| mi| un)? recordatorio`), verbList, true, "es"},
		{re(`(?:cancela|borra|elimina)(?: el| mi)? recordatorio(?: (?:número|nº|#|de|para))? +(.+)`), verbCancel, true, "es"},
		{re(`deshacer|deshaz(?:lo)?|olvídalo`), verbUndo, false, "es"},
		{re(`hecho|listo|ya está|ya lo hice`), verbDone, false, "es"},
		{re(`(?:posponer|pospón(?:lo)?)(?: (?:hasta|a|para))?(?: +(.+))?`), verbSnooze, false, "es"},
		{re(`más tarde(?: (?:hasta|a) +(.+))?`), verbSnooze, false, "es"},
		{re(`(?:busca|buscar|encuentra) +(.+)`), verbSearch, false, "es"},
		{re(`ayuda|qué (?:sabes|puedes) hacer|quién eres|qué eres|cómo funcionas?(?: esto)?`), verbHelp, false, "es"},
		{re(`(?:hola|buenos días|buenas(?: tardes| noches)?)(?:,? hark)?`), verbGreet, false, "es"},
		{re(`(?:muchas )?gracias(?:,? hark)?`), verbThanks, false, "es"},
		{re(`qué hora es(?: ahora)?|qué (?:día|fecha) es(?: hoy)?`), verbTime, false, "es"},
	}
})
