import { createContext } from 'svelte';
import type { Session } from './session.svelte';

/** The session of this page, for every component below the app. */
export const [useSession, provideSession] = createContext<Session>();
