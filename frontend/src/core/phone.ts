export type Way = 'tailscale' | 'domain' | 'local' | 'proxy';

export interface Trouble {
  code: string;
  say: string;
  cure?: string;
}

/** GET /api/phone: how phones come to this Hark, and how they could. */
export interface PhoneState {
  mode: Way | 'off';
  /** The configuration says so, and nothing here can change it. */
  fixed: boolean;
  /** What phones open. */
  origin?: string;
  /** The page that a phone opens first, when it has to learn trust. */
  trust?: string;
  addr: string;
  open: boolean;
  certificate?: { names: string[]; issuer: string; not_after: string; renews: string; root?: string };
  problems: Trouble[];
  setup?: { mode: Way | 'off'; steps: string[]; done: boolean; problem?: Trouble };
  tailscale: { found: boolean; name?: string; problem?: Trouble };
  names: string[];
  addresses: string[];
  domain?: {
    name: string;
    email?: string;
    directory?: string;
    challenge: string;
    provider?: string;
    server?: string;
    key?: string;
    secret_set: boolean;
  };
  /** The configuration names a program that changes DNS. */
  hook: boolean;
  proxies: { name: string; text: string }[];
}

/** What the owner enters for a way. */
export interface WayInput {
  name?: string;
  url?: string;
  addr?: string;
  email?: string;
  directory?: string;
  challenge?: string;
  dns?: { provider: string; token?: string; server?: string; key?: string; secret?: string; algorithm?: string };
  new_authority?: boolean;
}

export const ways: readonly Way[] = ['tailscale', 'domain', 'local', 'proxy'];

/**
 * The way to try first: what is in use, or Tailscale where it is ready, or else the home network only, which
 * needs nobody else.
 */
export function bestWay(state: PhoneState): Way {
  if (state.mode !== 'off') return state.mode;
  return state.tailscale.found && !state.tailscale.problem ? 'tailscale' : 'local';
}

/** The names for the home network, as people would choose: addresses first, since every phone finds them. */
export const localNames = (state: PhoneState): string[] => [...state.addresses, ...state.names.slice(0, 1)];
