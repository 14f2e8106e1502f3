import type { Way } from '../../core/phone';
import type { PhoneCatalog } from '../en.phone';

const titles: Record<Way, string> = {
  tailscale: 'Tailscale',
  domain: 'Un dominio propio',
  local: 'Solo esta red',
  proxy: 'Un proxy que ya tienes',
};

/** The screen that brings Hark to the phone. */
export const phone: PhoneCatalog = {
  title: 'En tu teléfono',
  open: 'Configurar',
  openSay: 'Una dirección segura, para que un teléfono tenga Hark como app con notificaciones.',
  failed: 'No se pudo mirar. ¿Está Hark en marcha?',
  offSay:
    'Los teléfonos solo reciben notificaciones por una conexión en la que confían. Elige cómo; lo primero que encaje es lo mejor.',
  ready: 'Los teléfonos pueden entrar',
  until: (day) => `El certificado vale hasta el ${day} y se renueva solo antes.`,
  by: (way) => `Vía: ${titles[way]}`,
  fixed: 'Esto está en la configuración de Hark. Cámbialo allí.',
  troubled: 'Hay un problema con los teléfonos',
  invite: {
    title: 'Traer un teléfono',
    act: 'Mostrar el código',
    again: 'Mostrar otro código',
    say: 'Apúntale con la cámara del teléfono.',
    trustSay:
      'Apúntale con la cámara del teléfono. El teléfono abre una página que muestra, paso a paso, cómo llega a confiar en este Hark.',
    picture: 'Código QR con el enlace de abajo',
    or: 'O abre esto en el teléfono:',
    until: (time) => `Sirve una vez, hasta las ${time}.`,
    code: 'Si el teléfono pide un código:',
  },
  ways: 'Vías',
  others: 'Otras vías',
  titles,
  says: {
    tailscale:
      'Funciona en casa y fuera, y todos los teléfonos confían en ella. El teléfono necesita también la app de Tailscale.',
    domain: 'Todos los teléfonos confían en él. Necesitas un nombre, como uno gratuito de duckdns.org.',
    local:
      'No necesita a nadie más. A cada teléfono se le dice una vez que confíe en este Hark, y llega a él en casa; las notificaciones llegan a todas partes.',
    proxy: 'Caddy, nginx o Traefik ya tiene un certificado y pasa las peticiones.',
  },
  inUse: 'En uso',
  best: 'Prueba esto primero',
  use: 'Usar',
  again: 'Reintentar',
  look: 'Mirar otra vez',
  setUp: 'Configurar',
  change: 'Cambiar',
  hide: 'Cerrar',
  found: (name) => `Encontrado: ${name}`,
  working: 'En ello',
  worked: 'Listo. Los teléfonos pueden entrar.',
  off: 'Desactivar',
  offAsk: '¿Dejar fuera a los teléfonos?',
  offAskSay:
    'Hark deja de escuchar a otros dispositivos. Los teléfonos que lo tienen no llegan a él hasta que lo configures otra vez; tus mensajes se quedan.',
  moveAsk: '¿Dar a los teléfonos otra dirección?',
  moveAskSay: (origin) =>
    `Una app en un teléfono pertenece a su dirección. Los teléfonos que usan ${origin} tienen que añadir Hark otra vez en la nueva.`,
  moveAct: 'Cambiar',
  local: {
    name: 'Dirección para el teléfono',
    nameSay: 'Cualquier teléfono encuentra una dirección; haz que el router dé siempre la misma a esta máquina.',
    other: 'Otro nombre',
    otherLabel: 'Nombre',
    otherSay: 'Uno que conozca tu red, como hark.home.arpa.',
    none: 'Esta máquina no tiene dirección en una red doméstica.',
    anew: 'Crear otra autoridad',
    anewSay: 'A los teléfonos que confían en la antigua hay que decírselo otra vez.',
    finger: 'Huella de la autoridad (SHA-256)',
  },
  domain: {
    name: 'Nombre',
    nameSay: 'Debe llevar a esta máquina: a su dirección en casa o a tu router.',
    proof: 'Demuestra que es tuyo con',
    proofs: {
      duckdns: 'DNS en DuckDNS',
      cloudflare: 'DNS en Cloudflare',
      rfc2136: 'DNS de tu propio servidor (RFC 2136)',
      exec: 'DNS con el programa de la configuración',
      'tls-alpn-01': 'Puerto 443, abierto desde fuera',
      'http-01': 'Puerto 80, abierto desde fuera',
    },
    dnsSay: 'No hace falta abrir ningún puerto. El nombre puede llevar a una dirección de casa.',
    portSay: 'El router tiene que llevar el puerto a esta máquina.',
    token: 'Token',
    tokenSay: {
      duckdns: 'Está arriba en duckdns.org tras iniciar sesión.',
      cloudflare: 'Se crea en tu perfil de Cloudflare, con el permiso Zone, DNS, Edit.',
    },
    kept: 'Guardado. Déjalo vacío para conservarlo',
    server: 'Servidor de nombres',
    key: 'Nombre de la clave (TSIG)',
    secret: 'Secreto',
    email: 'Correo, si quieres',
    emailSay: 'Let’s Encrypt lo guarda con la cuenta.',
    agree: 'Con esto aceptas las condiciones de Let’s Encrypt.',
    act: 'Obtener un certificado',
  },
  proxy: {
    url: 'Dirección que abren los teléfonos',
    act: 'Usarla',
    config: 'Para el proxy',
    say: 'Si el proxy está en otra máquina, inicia Hark con --addr 0.0.0.0:4275. Nombra el proxy en trusted_proxies para que Hark vea quién llama.',
    copied: 'Copiado',
  },
};
