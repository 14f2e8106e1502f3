import type { Begun } from '../core/begin';
import type { Fact, ModelInput, Setup, Tool, ToolServer, Trial, UsageAnswer } from '../core/setup';
import { call } from './api';

const fact = (id: string) => `/api/memory/${encodeURIComponent(id)}`;
/** A large model may have to be loaded before it answers; the server gives up a little earlier. */
const TRIAL = 100_000;

/** The calls about models, tools, memory and usage. All throw ApiError. */
export const setupApi = {
  get: () => call<Setup>('GET', '/api/settings'),
  save: (change: {
    models?: ModelInput[];
    default?: string;
    budget?: number;
    zone?: string;
    name?: string;
    language?: string;
    /** Adds to what was seen. */
    setup?: Begun;
  }) => call<Setup>('PUT', '/api/settings', { body: change }),
  /** That the model fails is an answer too. */
  tryModel: (model: ModelInput, signal?: AbortSignal) =>
    call<Trial>('POST', '/api/settings/model/test', { body: model, timeout: TRIAL, signal }),

  /** The same for the model that answers by default. */
  tryDefault: (signal?: AbortSignal) =>
    call<Trial>('POST', '/api/settings/model/test', { body: {}, timeout: TRIAL, signal }),

  tools: () =>
    call<{ tools: Tool[]; servers?: ToolServer[]; /** What is wrong with mcp.json. */ problem?: string }>(
      'GET',
      '/api/tools',
    ),
  allowTool: (name: string, allowed: boolean) =>
    call<void>('PUT', `/api/tools/${encodeURIComponent(name)}`, { body: { allowed } }),
  usage: (days: number) => call<UsageAnswer>('GET', `/api/usage?days=${days}`),

  facts: () => call<{ facts: Fact[] }>('GET', '/api/memory'),
  addFact: (text: string) => call<Fact>('POST', '/api/memory', { body: { text } }),
  changeFact: (id: string, text: string) => call<Fact>('PATCH', fact(id), { body: { text } }),
  deleteFact: (id: string) => call<void>('DELETE', fact(id)),
};
