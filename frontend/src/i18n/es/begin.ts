import type { BeginCatalog } from '../en.begin';

/** Setting a new Hark up. */
export const begin: BeginCatalog = {
  title: 'Configurar Hark',
  titles: {
    you: 'Te damos la bienvenida',
    model: 'Algo que piense',
    phone: 'Hark en tu bolsillo',
    notifications: 'Deja que Hark hable primero',
    reminder: 'Tu primer recordatorio',
  },
  leads: {
    you: 'Unas pocas preguntas y Hark es tuyo. Puedes saltarte cualquiera, y todo está también en los ajustes.',
    model: 'Hark responde con un modelo que tú eliges. Aquí se le pide una palabra, para que veas que funciona.',
    phone: 'Un teléfono con Hark como app se entera de todo al momento, en casa y fuera.',
    notifications:
      'Los recordatorios, las respuestas y lo que dicen tus scripts llegan a este dispositivo aunque Hark esté cerrado.',
    reminder: 'Escríbelo como lo dirías. Hark te avisará cuando sea la hora.',
  },
  step: (n, of) => `Paso ${n} de ${of}`,
  next: 'Continuar',
  finish: 'Terminar',
  later: {
    you: 'Continuar',
    model: 'Seguir sin modelo',
    phone: 'Ahora no',
    notifications: 'Ahora no',
    reminder: 'Ahora no',
  },
  skipAll: 'Saltar el resto',
  ready: 'Hark está listo. ¡Salúdalo!',
  failed: 'No se pudo preguntar a Hark hasta dónde llegaste.',
  you: {
    title: 'Tú',
    name: 'Tu nombre',
    nameSay: 'Así te llama Hark.',
    namePlaceholder: 'Nada, si prefieres',
    language: 'Idioma',
    languageSay: {
      both: 'Para la app y las respuestas.',
      answers: 'Solo para las respuestas. La app habla inglés.',
      automatic: 'La app habla como este dispositivo; las respuestas vienen en el idioma en que escribes.',
    },
    automatic: 'Automático',
    zone: (zone) => `Las horas serán las de ${zone}, como en este dispositivo.`,
  },
  model: {
    asking: (name) => `Pidiendo una palabra a ${name}`,
    works: (name, seconds) => `${name} responde. Tardó ${seconds} s.`,
    fails: (name) => `${name} no responde.`,
    again: 'Preguntar otra vez',
    none: 'Aún no responde ningún modelo. Hasta entonces Hark guarda recordatorios y mensajes, y dice por sí mismo cosas sencillas.',
    how: 'Inicia Ollama, LM Studio o llama.cpp en la máquina donde está Hark y aparecerá aquí solo; o añade uno con su dirección y su clave.',
  },
  phone: {
    ready: (origin) => `Los teléfonos pueden entrar por ${origin}.`,
    notReady: 'Primero Hark necesita una dirección en la que confíen los teléfonos. Lleva un minuto o dos.',
    setUp: 'Elegir cómo',
    here: 'Esto ya es un teléfono.',
    homeIos: 'Toca Compartir, luego «Añadir a pantalla de inicio», y sigue desde allí: solo así puede avisarte.',
    homeAndroid: 'Abre el menú del navegador y toca «Instalar aplicación».',
    installed: 'Hark es una app en este dispositivo.',
  },
};
