package agent

func german() *tongue {
	return &tongue{
		lang:   "de",
		greet:  "Hallo! Schreib „erinnere mich in 20 Minuten daran, das Brot herauszunehmen“ oder „Hilfe“, um zu sehen, was ich kann.",
		thanks: "Gern geschehen.",
		now:    "Es ist %s (%s).", clock: "15:04 Uhr am 2.1.2006", date: "2.1.2006, 15:04",
		help: "Ich bin Hark. Ich wohne auf diesem Rechner und kann mich von selbst melden. Ohne Modell kann ich:\n\n" +
			"- **dich erinnern**: „erinnere mich in 20 Minuten daran, das Brot herauszunehmen“, „erinnere mich jeden Werktag um 8 an die Tabletten“\n" +
			"- deine Erinnerungen **zeigen**: „meine Erinnerungen“, und eine **löschen**: „lösche Erinnerung 2“, „rückgängig“\n" +
			"- unsere Nachrichten **durchsuchen**: „/search Heizung“\n" +
			"- **weitersagen**, was deine Skripte melden: `hark fire \"Backup fertig\"`\n",
		lost: "Das kann ich nicht allein beantworten: Kein Modell ist verbunden, darum verstehe ich nur Erinnerungen, die Suche und ein paar Befehle " +
			"(schreib „Hilfe“, um sie zu sehen).\n\n",
		connect: "Um über alles zu reden, starte Ollama, LM Studio oder llama.cpp auf diesem Rechner: Hark findet es von selbst. " +
			"Für eine andere Adresse oder einen Anbieter setze `HARK_MODEL_URL`, `HARK_MODEL` und, wo nötig, `HARK_MODEL_KEY`.",
		noReminders: "Erinnerungen gibt es hier nicht.",
		whatAndWhen: "Woran, und wann? Zum Beispiel: „erinnere mich morgen um 9 daran, Ana anzurufen“.",
		ofWhat:      "Woran soll ich dich erinnern?\n\n%s",
		promise:     "Ich erinnere dich: **%s**\n\n%s", atOnce: "Diese Zeit ist gerade vorbei, darum erinnere ich dich sofort: **%s**",
		number: "Antworte mit der Nummer.",
		done:   "Erledigt.", doneAgain: "Erledigt. Sie kommt wieder: %s", snoozed: "Verschoben auf %s.", deleted: "Diese Erinnerung wurde inzwischen gelöscht.",
		none: "Du hast keine Erinnerungen. Mach eine mit „erinnere mich morgen um 9 daran, Ana anzurufen“.",
		list: "Deine Erinnerungen, die nächste zuerst:\n\n", listEnd: "\n\n„Lösche Erinnerung 1“ nimmt die erste weg.", more: "\nund %d weitere.",
		noFit:       "Keine Erinnerung passt zu „%s“. Diese sind gesetzt:\n\n%s",
		several:     "Mehrere Erinnerungen passen zu „%s“. Welche? Schreib „lösche Erinnerung“ und ihre Nummer.\n\n%s",
		nothingMade: "Ich weiß nicht, was ich zurücknehmen soll. „Meine Erinnerungen“ zeigt, was gesetzt ist, und „lösche Erinnerung 1“ nimmt eine weg.",
		cancelled:   "Gelöscht: %s.", cancelledAll: "Diese sind alle gelöscht:\n\n%s",
		searchFailed: "Ich konnte gerade nicht suchen. Bitte versuch es noch einmal.",
		nothingNew:   "Unter den neuesten Nachrichten habe ich nichts zu „%s“ gefunden. Die Suche der App sieht in allen nach.",
		nothing:      "Ich habe nichts zu „%s“ gefunden.",
		found:        "Das habe ich zu „%s“ gefunden, das Neueste zuerst:\n\n%s",
		foundMore:    "\n\nVielleicht gibt es mehr: Die Suche der App sieht überall nach.", you: "du",
	}
}

func spanish() *tongue {
	return &tongue{
		lang:   "es",
		greet:  "¡Hola! Escribe «recuérdame en 20 minutos sacar el pan», o «ayuda» para ver lo que sé hacer.",
		thanks: "De nada.",
		now:    "Es esta hora: %s (%s).", clock: "15:04 del 2/1/2006", date: "2/1/2006, 15:04",
		help: "Soy Hark. Vivo en esta máquina y puedo hablar primero. Sin ningún modelo puedo:\n\n" +
			"- **recordarte cosas**: «recuérdame en 20 minutos sacar el pan», «recuérdame todos los días a las 8 tomar las pastillas»\n" +
			"- **mostrar** tus recordatorios: «mis recordatorios», y **borrar** uno: «borra el recordatorio 2», «deshacer»\n" +
			"- **buscar** en nuestros mensajes: «/search caldera»\n" +
			"- **transmitir** lo que dicen tus scripts: `hark fire \"Copia hecha\"`\n",
		lost: "Eso no lo puedo responder por mi cuenta: no hay ningún modelo conectado, así que solo entiendo recordatorios, búsquedas y unas pocas órdenes " +
			"(escribe «ayuda» para verlas).\n\n",
		connect: "Para hablar de cualquier cosa, inicia Ollama, LM Studio o llama.cpp en esta máquina: Hark lo encuentra solo. " +
			"Para otra dirección o un proveedor, define `HARK_MODEL_URL`, `HARK_MODEL` y, si hace falta, `HARK_MODEL_KEY`.",
		noReminders: "Aquí no hay recordatorios.",
		whatAndWhen: "¿Qué, y cuándo? Por ejemplo: «recuérdame mañana a las 9 llamar a Ana».",
		ofWhat:      "¿Qué te recuerdo?\n\n%s",
		promise:     "Te lo recordaré: **%s**\n\n%s", atOnce: "Esa hora acaba de pasar, así que te lo recuerdo ya: **%s**",
		number: "Responde con el número.",
		done:   "Hecho.", doneAgain: "Hecho. Vuelve: %s", snoozed: "Pospuesto hasta %s.", deleted: "Este recordatorio se borró mientras tanto.",
		none: "No tienes recordatorios. Haz uno con «recuérdame mañana a las 9 llamar a Ana».",
		list: "Tus recordatorios, el próximo primero:\n\n", listEnd: "\n\n«Borra el recordatorio 1» quita el primero.", more: "\ny %d más.",
		noFit:       "Ningún recordatorio encaja con «%s». Estos están puestos:\n\n%s",
		several:     "Varios recordatorios encajan con «%s». ¿Cuál? Escribe «borra el recordatorio» y su número.\n\n%s",
		nothingMade: "No sé qué deshacer. «Mis recordatorios» muestra lo que hay, y «borra el recordatorio 1» quita uno.",
		cancelled:   "Borrado: %s.", cancelledAll: "Borrados todos estos:\n\n%s",
		searchFailed: "No pude buscar ahora. Prueba otra vez.",
		nothingNew:   "No encontré nada sobre «%s» entre los mensajes más recientes. La búsqueda de la app mira en todos.",
		nothing:      "No encontré nada sobre «%s».",
		found:        "Esto es lo que encontré sobre «%s», lo más reciente primero:\n\n%s",
		foundMore:    "\n\nPuede haber más: la búsqueda de la app mira en todo.", you: "tú",
	}
}
