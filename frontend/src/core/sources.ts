/** A feed or a mailbox that the server watches. */
export interface Source {
  id: string;
  kind: 'feed' | 'mail';
  name: string;
  paused?: boolean;
  run?: boolean;
  /** Its messages arrive without a sound until then. */
  muted_until?: string;
  url?: string;
  every_min?: number;
  mail?: { server: string; security: string; user: string; folder: string; from?: string };
  password_set: boolean;
  look: { at?: string; good?: string; next?: string; told: number; last?: string; error?: string; cure?: string };
}

export interface SourceChange {
  kind?: 'feed' | 'mail';
  name?: string;
  paused?: boolean;
  run?: boolean;
  url?: string;
  every_min?: number;
  /** For how long from now: `1h`, `1d`; `0` ends it. */
  mute?: string;
  mail?: { server?: string; security?: string; user?: string; password?: string; folder?: string; from?: string };
}
