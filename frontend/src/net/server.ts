import type {
  ChatAccepted,
  Conversation,
  Device,
  Message,
  MessagePage,
  ServerStatus,
  Token,
  TokenChange,
} from '../core/protocol';
import { call } from './api';

const id = encodeURIComponent;
const conv = (c: string) => `/api/conversations/${id(c)}`;
const msg = (m: string) => `/api/messages/${id(m)}`;

/** Every call of the contract that the app makes. All throw ApiError. */
export const server = {
  status: () => call<ServerStatus>('GET', '/api/status'),
  chat: (body: { text: string; conversation?: string; zone: string }, key: string) =>
    call<ChatAccepted>('POST', '/api/assistant/chat', { body, key, timeout: 30_000 }),

  conversations: () => call<{ conversations: Conversation[]; cursor: string }>('GET', '/api/conversations'),
  changeConversation: (c: string, change: Partial<Pick<Conversation, 'title' | 'archived' | 'muted' | 'model'>>) =>
    call<Conversation | undefined>('PATCH', conv(c), { body: change }),
  deleteConversation: (c: string) => call<void>('DELETE', conv(c)),
  messages: (c: string, limit: number, before?: string) =>
    call<MessagePage>('GET', `${conv(c)}/messages?limit=${limit}${before ? `&before=${id(before)}` : ''}`),
  read: (c: string, upto: string) => call<void>('POST', `${conv(c)}/read`, { body: { upto } }),

  message: (m: string) => call<Message>('GET', msg(m)),
  deleteMessage: (m: string) => call<void>('DELETE', msg(m)),
  stop: (m: string) => call<void>('POST', `${msg(m)}/stop`),
  /** Sent again for the same attempt, by this page or another, it is one retry. */
  retry: (m: string, attempt: number) => call<void>('POST', `${msg(m)}/retry`, { key: `retry-${m}-${attempt}` }),
  search: (q: string, signal?: AbortSignal) =>
    call<{ messages: Message[]; more: boolean }>('GET', `/api/search?q=${id(q)}`, { signal }),

  pair: (code: string, name: string) => call<void>('POST', '/api/pair', { body: { code, name } }),
  pairCode: () => call<{ code: string; url: string; expires: string }>('POST', '/api/pair/code'),
  devices: () => call<{ devices: Device[] }>('GET', '/api/devices'),
  renameDevice: (d: string, name: string) => call<void>('PATCH', `/api/devices/${id(d)}`, { body: { name } }),
  deleteDevice: (d: string) => call<void>('DELETE', `/api/devices/${id(d)}`),
  tokens: () => call<{ tokens: Token[] }>('GET', '/api/tokens'),
  createToken: (name: string, scopes: string[]) =>
    call<Token & { token: string }>('POST', '/api/tokens', { body: { name, scopes } }),
  changeToken: (t: string, change: TokenChange) => call<Token>('PATCH', `/api/tokens/${id(t)}`, { body: change }),
  /** The old secret is useless from then on. */
  rotateToken: (t: string) => call<Token & { token: string }>('POST', `/api/tokens/${id(t)}/rotate`),
  deleteToken: (t: string) => call<void>('DELETE', `/api/tokens/${id(t)}`),
};
