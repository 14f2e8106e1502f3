import { mount } from 'svelte';
import App from './app/App.svelte';
import { Session } from './store/session.svelte';
import './styles/tokens.css';
import './styles/base.css';
import './styles/prose.css';

const target = document.getElementById('app');
// Needed a moment later than the first paint: markdown and the virtual list.
void import('./chat/MessageList.svelte');
const session = await Session.open().catch((cause: unknown) => console.error('hark: no storage', cause));
if (target && session) {
  target.replaceChildren();
  mount(App, { target, props: { session } });
} else if (target) {
  target.textContent =
    'This browser does not let Hark keep anything (a private window, perhaps). Open Hark in a normal window.';
}
