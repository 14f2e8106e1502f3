import type { TokensCatalog } from '../en.tokens';

const loudness = ['Muda', 'Baja', 'Normal', 'Alta', 'Urgente'];

/** What a token's messages may be. */
export const tokens: TokensCatalog = {
  others: (address) =>
    `Lo que habla con ntfy, Gotify o un webhook puede hablar con Hark: dale ${address} y el token como contraseña.`,
  change: 'Cambiar',
  changeOf: (name) => `Cambiar ${name}`,
  title: (name) => `Token «${name}»`,
  bounds: (token) => [
    ...(token.max_priority ? [`como mucho ${loudness[token.max_priority - 1]?.toLowerCase()}`] : []),
    ...(token.rate ? [`${token.rate} por minuto`] : []),
  ],
  until: (when) => `hasta ${when}`,
  mutedUntil: (when) => `en silencio hasta ${when}`,
  name: 'Nombre',
  icon: 'Icono, un emoji',
  place: 'Sus mensajes van a',
  placeSay: 'Salvo que el script indique otro sitio.',
  inbox: 'Entrada',
  loudest: 'Prioridad máxima',
  anyLoud: 'la que quiera',
  loudness,
  rate: 'Mensajes por minuto',
  rateNone: 'sin límite',
  callbacks: 'Sus botones pueden llamar a',
  callbacksSay: 'Un host por línea; con el puerto, si está en tu propia red.',
  mute: 'Silenciar',
  muteSay: 'Sus mensajes siguen llegando, sin sonido.',
  mutes: {
    '0': 'sin silenciar',
    '1h': 'una hora',
    '8h': '8 horas',
    '1d': 'un día',
    '7d': 'una semana',
  },
  save: 'Guardar',
  rotate: 'Secreto nuevo',
  rotateAsk: '¿Darle un secreto nuevo? El script deja de funcionar hasta que tenga el nuevo.',
  rotateDo: 'Sí, un secreto nuevo',
  revoke: 'Revocar',
};
