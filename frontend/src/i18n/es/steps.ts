import type { StepCatalog } from '../en.steps';

const tools: Record<string, string> = {
  remind: 'poner un recordatorio',
  list_reminders: 'mirar los recordatorios',
  change_reminder: 'cambiar un recordatorio',
  cancel_reminder: 'cancelar un recordatorio',
  search_messages: 'buscar en los mensajes',
  remember: 'recordar algo',
  forget: 'olvidar algo',
  recall: 'mirar en su memoria',
  current_time: 'mirar el reloj',
  fetch_page: 'leer una página web',
};

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

const risks: Record<string, string> = {
  first_use: 'Hasta ahora no se le ha permitido hacerlo.',
  outside: 'Esta respuesta ha leído texto escrito por otros, por eso Hark vuelve a preguntar.',
  unknown: 'Hark se interrumpió mientras lo hacía. Puede que se hiciera o puede que no. Míralo y di qué hacer.',
};

const states: Record<string, string> = {
  waiting: 'En espera',
  running: 'En curso',
  done: 'Hecho',
  error: 'Falló',
  unknown: 'Resultado desconocido',
};

/** The steps of a reply. */
export const steps: StepCatalog = {
  does: (tool, name, server) => tools[tool] ?? (server ? `usar «${name}» de ${server}` : `usar «${name}»`),
  title: (tool, name, server) => capital(tools[tool] ?? (server ? `${name} · ${server}` : name)),
  wants: (does) => `Hark quiere ${does}`,
  unsure: (does) => `¿Llegó a hacerse? Hark empezó a ${does}.`,
  steps: 'Pasos',
  state: (status) => states[status] ?? status,
  stopped: 'Sin terminar',
  denied: 'No permitido',
  expired: 'Nadie respondió a tiempo',
  took: (seconds) => `${seconds} s`,
  risk: (risk) => risks[risk] ?? '',
  until: (when) => `Pregunta hasta ${when}.`,
  decide: {
    once: 'Permitir una vez',
    always: 'Permitir siempre',
    deny: 'Denegar',
    retry: 'Hacerlo otra vez',
    skip: 'Omitir',
    done: 'Ya se hizo',
  },
  args: 'Con',
  noArgs: 'Sin más datos.',
  result: 'Resultado',
  resultOutside: 'Resultado, escrito por otros',
  noResult: 'No devolvió nada.',
  showAll: 'Mostrar todo',
  showLess: 'Mostrar menos',
  thoughts: 'Lo que pensó el modelo',
  thinking: 'Pensando',
  thought: (seconds, minutes) =>
    minutes ? `Pensó ${minutes} min ${seconds} s` : seconds ? `Pensó ${seconds} s` : 'Pensó un momento',
  usingTool: 'Trabajando',
  resume: 'Reanudar',
  model: 'Modelo',
  versions: 'Versiones de este mensaje',
  version: (at, of) => `${at} de ${of}`,
  older: 'Versión anterior',
  newer: 'Versión siguiente',
  edit: {
    act: 'Editar y reenviar',
    title: 'Editar y reenviar',
    say: 'Se responde de nuevo. La versión antigua y lo que la siguió quedan a tu alcance.',
    send: 'Enviar',
  },
};
