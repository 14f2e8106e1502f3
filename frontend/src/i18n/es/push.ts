import type { Platform, Standing } from '../../core/push';
import type { PushCatalog } from '../en.push';

const count = (n: number, one: string, other: string) => `${n} ${n === 1 ? one : other}`;

const standing: Record<Standing, string> = {
  on: 'Las notificaciones están activadas. Llegan a este dispositivo aunque Hark esté cerrado.',
  off: 'Las notificaciones están desactivadas en este dispositivo.',
  window: 'Mientras esta ventana no está a la vista, lo que dice Hark aparece como notificación.',
  insecure: 'Las notificaciones necesitan una conexión segura (HTTPS), y esta página vino sin ella.',
  'home-screen': 'En iPhone y iPad, las notificaciones solo funcionan en una app de la pantalla de inicio.',
  unsupported: 'Este navegador no puede mostrar notificaciones de Hark.',
  denied: 'Las notificaciones de Hark están bloqueadas en este dispositivo.',
  broken: 'Aquí se quieren notificaciones, pero este navegador no tiene una suscripción que funcione.',
  silent: 'El servicio push acepta lo que envía Hark, y este dispositivo no muestra nada de ello.',
  misconfigured: 'El servicio push rechaza lo que Hark envía a este dispositivo.',
};

const denied: Record<Platform, string> = {
  ios: 'Abre la app Ajustes, luego Notificaciones, luego Hark, y permite las notificaciones.',
  android:
    'Mantén pulsado el icono de Hark, toca «Información de la aplicación», luego «Notificaciones», y permítelas. En una pestaña: toca el icono junto a la dirección y luego «Permisos».',
  window: '',
  other: 'Haz clic en el icono junto a la dirección y permite las notificaciones. Luego vuelve a cargar esta página.',
};

const silent: Record<Platform, string> = {
  ios: 'Mira si hay un modo de concentración activo y si Ajustes permite las notificaciones de Hark. Si ambas cosas están bien, quita Hark de la pantalla de inicio, añádelo otra vez y activa las notificaciones.',
  android:
    'Mira si está activo «No molestar», y deja que el navegador funcione sin límites de batería: Ajustes, Aplicaciones, tu navegador, Batería, Sin restricciones.',
  window: '',
  other: 'Mira si está activo «No molestar» y si el sistema deja que este navegador muestre notificaciones.',
};

const insecure =
  'Abre los ajustes en la máquina donde está Hark y configura HTTPS allí; en esa misma máquina, abre Hark en http://127.0.0.1.';

/** Notifications and devices. */
export const push: PushCatalog = {
  title: 'Notificaciones',
  standing: (s) => standing[s],
  cure(s, platform) {
    if (s === 'window')
      return 'Las horas de silencio y las fuentes silenciadas valen aquí como en un teléfono. El sistema también puede callarla.';
    if (s === 'insecure') return insecure;
    if (s === 'home-screen') return 'Toca Compartir, luego «Añadir a pantalla de inicio», y abre Hark desde allí.';
    if (s === 'unsupported')
      return 'Usa una versión reciente de Chrome, Edge, Firefox o Safari, y no una ventana privada.';
    if (s === 'denied') return denied[platform];
    if (s === 'broken') return 'Actívalas otra vez; no se pierde nada.';
    if (s === 'silent') return silent[platform];
    if (s === 'misconfigured') return 'El diagnóstico push dice qué eslabón falla.';
    if (s === 'off') return 'Los recordatorios y los mensajes de tus scripts pueden llegar aunque Hark esté cerrado.';
    return '';
  },
  other: (name) => `Las notificaciones a «${name}» no llegan.`,
  lastShown: (when) => `Mostrada por última vez ${when}.`,
  enable: 'Activar',
  repair: 'Activar otra vez',
  label: 'Notificaciones en este dispositivo',
  timeout: 'El servicio push del navegador no respondió a tiempo. Revisa la conexión y prueba otra vez.',
  failed: 'No se pudieron activar las notificaciones.',
  dismissed: 'El navegador no recibió permiso. No se cambió nada.',
  unreachable: 'No se puede llegar a Hark ahora, así que no se pudo consultar.',
  private: 'Modo privado',
  privateSay:
    'Las notificaciones dicen «Mensaje nuevo» y nada más. Ningún texto va al servicio push ni a la pantalla de bloqueo.',
  privateAll: 'Modo privado en todos los dispositivos',
  privateHere: 'En este dispositivo ya es así.',
  doctor: 'Diagnóstico push',
  doctorSay: 'Mira cada eslabón desde Hark hasta esta pantalla.',
  open: 'Abrir',
  test: {
    send: 'Enviar una prueba',
    again: 'Enviar otra',
    say: 'Una notificación de verdad, por todo el camino del servicio push y de vuelta.',
    sending: 'Enviando',
    shown: (s) => `Llegó después de ${s} s. Todo funciona.`,
    shownThere: (s) => `«Mostrada», dice el dispositivo, después de ${s} s.`,
    failed: 'La prueba no llegó.',
    notShown:
      'El servicio push la aceptó y hasta ahora no ha aparecido nada. Si llega tarde, las notificaciones funcionan, pero despacio.',
    notAccepted: 'El servicio push no la ha aceptado hasta ahora.',
  },
  stage: {
    queued: 'En cola',
    accepted: 'Aceptada',
    shown: 'Mostrada',
    seen: 'Vista',
    acted: 'Atendida',
    failed: 'Falló',
    withheld: 'En pantalla',
  },
  notYet: 'aún no',
  delivery: {
    title: 'Entrega',
    none: 'No se envió ninguna notificación de este mensaje: ningún dispositivo las tenía activadas cuando llegó, o su fuente está silenciada.',
    failed: 'No se pudo consultar ahora.',
    removed: 'Un dispositivo que se quitó',
    withheld: 'Ya lo tenías delante en este dispositivo, así que no se envió ninguna notificación.',
    explain: '«Aceptada» lo dice el servicio push. «Mostrada» lo dice el propio dispositivo.',
  },
  mute: {
    title: (source) => `¿Silenciar «${source}»?`,
    say: 'Sus mensajes siguen llegando a Hark, sin notificación.',
    here: 'En este dispositivo',
    everywhere: 'En todos los dispositivos',
    done: (source) => `«${source}» está en silencio.`,
    undo: (source) => `«${source}» ya no está en silencio.`,
    already: (names) => `Ya en silencio en ${names}.`,
    while: 'En todas partes, un rato',
    forGood: 'O hasta que digas otra cosa:',
    until: (when) => `Silenciada en todas partes hasta ${when}.`,
    doneUntil: (source, when) => `«${source}» queda en silencio hasta ${when}.`,
    unmute: 'Activar sonido en todos',
  },
  devices: {
    title: 'Dispositivos',
    manage: 'Gestionar',
    manageSay: 'Probar, cambiar nombre, horas de silencio, modo privado, desvincular',
    seen: (when) => `Visto ${when}`,
    neverShown: 'Aún no ha mostrado ninguna notificación',
    lastShown: (when) => `Última notificación mostrada ${when}`,
    state: {
      on: 'Notificaciones activadas',
      off: 'Notificaciones desactivadas',
      silent: 'Mudo: acepta notificaciones y no muestra ninguna',
      misconfigured: 'El servicio push rechaza las notificaciones',
    },
    never: 'Nunca pidió notificaciones',
    menu: (name) => `Opciones de ${name}`,
    rename: 'Cambiar nombre',
    renameTitle: 'Nombre del dispositivo',
    quiet: 'Horas de silencio',
    quietOff: 'No',
    quietOn: (from, to) => `${from} a ${to}`,
    quietSay: 'Las notificaciones esperan hasta que acaben. Las urgentes llegan igualmente.',
    quietFrom: 'De',
    quietTo: 'A',
    quietNone: 'Sin horas de silencio',
    quietSame: 'Elige dos horas distintas.',
    zone: (zone) => `Horas de ${zone}`,
    private: 'Modo privado',
    mutes: 'Fuentes silenciadas',
    mutesNone: 'Ninguna',
    mutesCount: (n) => count(n, 'fuente', 'fuentes'),
    mutesSay: 'Lo marcado llega a Hark sin notificación en este dispositivo.',
    mutesEmpty:
      'Ninguna fuente ha enviado nada todavía. Los scripts aparecen aquí cuando tienen un token; los canales y buzones, cuando se vigilan.',
    change: 'Cambiar',
    test: 'Enviar una prueba',
    unpair: 'Desvincular',
    unpairSay:
      'Se cierra su sesión al momento, acaban sus notificaciones, y hay que vincularlo otra vez para que vuelva.',
    unpairHere: 'Es el dispositivo que estás usando. Para volver necesitarás un código de vinculación nuevo.',
    gone: 'El dispositivo se quitó.',
    saved: 'Guardado.',
  },
  doctorPage: {
    title: 'Diagnóstico push',
    say: 'Cada eslabón desde Hark hasta esta pantalla, por orden.',
    here: 'En este dispositivo',
    server: 'En la máquina donde está Hark',
    run: 'Mirar otra vez',
    looking: 'Mirando',
    unreachable: 'Hark no respondió, así que no se pudo mirar su lado.',
    allWell: 'Todos los eslabones están bien.',
    broken: (n) => `${count(n, 'eslabón necesita', 'eslabones necesitan')} atención. Empieza por el primero.`,
    ok: 'Bien',
    bad: 'Necesita atención',
    names: {
      secure: 'Conexión segura',
      installed: 'Pantalla de inicio',
      worker: 'Servicio en segundo plano',
      permission: 'Permiso',
      subscription: 'Suscripción aquí',
      same: 'Conocida por Hark',
    },
    links: {
      keys: 'Claves',
      subscription: 'Suscripción',
      subject: 'Dirección de contacto',
      endpoint: 'Dirección del servicio push',
      dns: 'Consulta del nombre',
      tcp: 'Conexión',
      tls: 'Línea segura al servicio push',
      connection: 'Conexión al servicio push',
      answer: 'Respuesta del servicio push',
      clock: 'Reloj',
      service: 'Última palabra del servicio push',
      shown: 'Mostrada en el dispositivo',
    },
    secure: 'Esta página vino por una conexión en la que confía el navegador.',
    installed: { yes: 'Hark funciona como una app propia.', no: standing['home-screen'] },
    installedTip: 'Hark funciona en una pestaña del navegador. Instalado, Android lo detiene menos.',
    worker: {
      yes: (build) => `Está en marcha${build ? `, compilación ${build}` : ''}.`,
      waiting: 'Espera una versión nueva. Elige «Actualizar» cuando Hark la ofrezca, o cierra todas sus ventanas.',
      no: 'La parte que recibe las notificaciones no está en marcha.',
      cure: 'Vuelve a cargar esta página. Si sigue así, borra los datos del sitio de Hark en el navegador y vincúlalo otra vez.',
    },
    permission: {
      granted: 'Este navegador puede mostrar notificaciones.',
      default: 'Aún no se ha preguntado a este navegador.',
      cureDefault: 'Activa las notificaciones en los ajustes.',
      denied: standing.denied,
    },
    subscription: {
      yes: 'El navegador tiene una suscripción en su servicio push.',
      no: 'El navegador no tiene suscripción.',
      off: 'Las notificaciones están desactivadas en este dispositivo.',
      cure: 'Activa las notificaciones en los ajustes.',
    },
    same: {
      yes: 'Hark envía justo a la suscripción que tiene este navegador.',
      no: 'Hark no conoce ninguna suscripción de este navegador, o conoce una más antigua.',
      key: 'La suscripción se hizo con otra clave que la que Hark tiene ahora.',
      cure: 'Desactiva y vuelve a activar las notificaciones en los ajustes.',
      unknown: 'No se pudo preguntar a Hark.',
      cureUnknown: 'Mira si Hark está en marcha y prueba otra vez.',
    },
    testTitle: 'Prueba',
  },
};
